import type { Attributes } from "@opentelemetry/api";
import type { SessionFact } from "@/facts.ts";
import type { TimedSpan } from "@/telemetry/tracing.ts";

/** A fact of a response, with its time in ms since 1970. */
export type ReplyFact = Extract<SessionFact, { readonly responseId: string }>;

/** What the spans of an answer say of the engines. */
export interface ReplyEngines {
  readonly llm: Attributes;
  readonly tts: Attributes;
}

/** Draws the spans of one answer. */
export interface ReplyTrace {
  /** Takes a fact of the response. */
  tell(fact: ReplyFact): void;
}

/** The sentence that is being synthesised. */
interface Synthesis {
  readonly span: TimedSpan;
  audioMs: number;
  /** When its last audio came. */
  lastAt: number;
}

/**
 * Draws an answer within its turn: what the model did, each sentence of the synthesiser, and the time in which
 * audio left.
 */
export function createReplyTrace(turn: TimedSpan, engines: ReplyEngines): ReplyTrace {
  let chat: TimedSpan | undefined;
  let synthesis: Synthesis | undefined;
  let speak: TimedSpan | undefined;

  /** The time behind a sentence's last audio is the listener's, and not the synthesiser's. */
  function endSentence(): void {
    synthesis?.span.set({ "chatai.audio_ms": Math.round(synthesis.audioMs) });
    synthesis?.span.end(synthesis.lastAt);
    synthesis = undefined;
  }

  function end(fact: Extract<ReplyFact, { kind: "responseEnded" }>): void {
    const { at, status, error } = fact;
    if (status === "failed") {
      turn.fail(error);
      chat?.fail(error);
    }
    if (synthesis !== undefined && synthesis.audioMs === 0) synthesis.lastAt = at;
    endSentence();
    for (const span of [chat, speak, turn]) span?.end(at);
  }

  return {
    tell(fact) {
      const { at } = fact;
      switch (fact.kind) {
        case "modelAsked":
          chat = turn.child("chat", { at, attributes: engines.llm });
          return;
        case "firstToken":
          return chat?.event("first_token", at);
        case "modelDone":
          chat?.set({
            "gen_ai.response.finish_reasons": [fact.reason],
            "gen_ai.usage.input_tokens": fact.inputTokens,
            "gen_ai.usage.output_tokens": fact.outputTokens,
          });
          chat?.end(at);
          chat = undefined; // what fails from here on is not the model's
          return;
        case "synthesisStarted": {
          endSentence();
          const { sentence, characters } = fact;
          const span = turn.child("synthesize", {
            at,
            attributes: {
              ...engines.tts,
              "chatai.sentence": sentence,
              "chatai.characters": characters,
            },
          });
          synthesis = { span, audioMs: 0, lastAt: at };
          return;
        }
        case "speechMade":
          if (synthesis === undefined) return;
          synthesis.audioMs += fact.audioMs;
          synthesis.lastAt = at;
          return;
        case "synthesisFailed":
          synthesis?.span.fail(fact.error);
          if (synthesis !== undefined) synthesis.lastAt = at;
          chat?.end(at); // the model is not to blame
          chat = undefined;
          return endSentence();
        case "firstAudioSent":
          speak = turn.child("speak", { at });
          return;
        case "bargeIn":
          return turn.event("barge_in", at, { "chatai.item.id": fact.itemId });
        case "responseEnded":
          turn.set({ "chatai.response.status": fact.status });
          return end(fact);
      }
    },
  };
}
