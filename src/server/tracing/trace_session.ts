import type { Attributes } from "@opentelemetry/api";
import { tap } from "rxjs";
import type { Engines } from "@/conversation/context.ts";
import type { Facts } from "@/conversation/facts_stream.ts";
import type { ObservedSession } from "@/conversation/open_session.ts";
import type { Engine } from "@/engines/engine.ts";
import type { SessionFact } from "@/facts.ts";
import { createReplyTrace, type ReplyTrace } from "@/server/tracing/reply_trace.ts";
import {
  activeLinks,
  beginTrace,
  failureAttributes,
  isTracing,
  type TimedSpan,
} from "@/telemetry/tracing.ts";
import { nameTrace } from "@/telemetry/trace_ids.ts";

/** Turns that may wait for their answer; the oldest is ended for another. */
const MAX_TURNS = 16;

/** Whose facts, and by whose work they come about. */
export interface TraceSessionOptions {
  readonly session: ObservedSession;
  readonly engines: Pick<Engines, "asr" | "llm" | "tts">;
  /** The clock of the facts, in ms. @default {performance.now} */
  readonly now?: () => number;
}

/** A turn of the user. */
interface Turn {
  readonly root: TimedSpan;
  readonly hear: TimedSpan | undefined;
  transcribe?: TimedSpan;
  /** When something last happened in it. */
  lastAt: number;
}

/** The answer of a turn. */
interface Reply {
  readonly root: TimedSpan;
  readonly trace: ReplyTrace;
}

/**
 * Makes a trace of every turn, from the user's first word to the last audio of the answer, if anybody takes traces.
 * Nothing that was said is in it.
 */
export function traceSession(facts: Facts, options: TraceSessionOptions): void {
  if (!isTracing()) return;
  facts.observe("traces", (stream) => stream.pipe(tap(createTracer(options))));
}

function createTracer(
  { session, engines, now = () => performance.now() }: TraceSessionOptions,
): (fact: SessionFact) => void {
  const epoch = Date.now() - now();
  const common = { "session.id": session.id, "gen_ai.conversation.id": session.conversationId };
  const links = activeLinks();
  const turns = new Map<string, Turn>();
  const replies = new Map<string, Reply>();

  function openRoot(at: number, attributes: Attributes): TimedSpan {
    return beginTrace("turn", { at, attributes, common, links });
  }

  function openTurn(itemId: string, at: number): Turn {
    const root = openRoot(at, { "chatai.item.id": itemId });
    const turn: Turn = { root, hear: root.child("hear", { at }), lastAt: at };
    nameTrace(itemId, root.traceId);
    turns.set(itemId, turn);
    if (turns.size > MAX_TURNS) closeTurn(turns.keys().next().value!);
    return turn;
  }

  function closeTurn(itemId: string): void {
    const turn = turns.get(itemId);
    turns.delete(itemId);
    for (const span of [turn?.hear, turn?.transcribe, turn?.root]) span?.end(turn!.lastAt);
  }

  function startReply(responseId: string, itemId: string | undefined, at: number): void {
    const root = turns.get(itemId ?? "")?.root ??
      openRoot(at, itemId === undefined ? {} : { "chatai.item.id": itemId });
    root.set({ "chatai.response.id": responseId });
    nameTrace(responseId, root.traceId);
    turns.delete(itemId ?? "");
    const trace = createReplyTrace(root, {
      llm: engineAttributes("chat", engines.llm),
      tts: { ...engineAttributes("synthesize", engines.tts), "gen_ai.output.type": "speech" },
    });
    replies.set(responseId, { root, trace });
  }

  /** A turn that is heard. */
  function hear(fact: Extract<SessionFact, { readonly itemId: string }>): void {
    const turn = turns.get(fact.itemId);
    if (turn !== undefined) turn.lastAt = fact.at;
    switch (fact.kind) {
      case "speechStarted":
        return void openTurn(fact.itemId, fact.at);
      case "turnEnded": {
        const at = epoch + fact.lastSpeechAt;
        const ended = turn ?? openTurn(fact.itemId, at);
        ended.lastAt = fact.at;
        ended.hear?.end(fact.at);
        ended.transcribe = ended.root.child("transcribe", {
          at,
          attributes: engineAttributes("transcribe", engines.asr),
        });
        return;
      }
      case "transcribed":
        turn?.transcribe?.set({ "chatai.characters": fact.text.length });
        return turn?.transcribe?.end(fact.at);
      case "transcriptionFailed":
        for (const span of [turn?.transcribe, turn?.root]) span?.fail(fact.error);
        return turn?.transcribe?.end(fact.at);
      case "turnUnanswered":
        return closeTurn(fact.itemId);
    }
  }

  return (happened) => {
    const fact = { ...happened, at: epoch + happened.at };
    switch (fact.kind) {
      case "speechStarted":
      case "turnEnded":
      case "transcribed":
      case "transcriptionFailed":
      case "turnUnanswered":
        return hear(fact);
      case "engineSwitched": {
        const { from, to, error, at } = fact;
        const { root } = replies.get(fact.responseId ?? "") ?? turns.get(fact.itemId ?? "") ?? {};
        return root?.event("engine_switched", at, { from, to, ...failureAttributes(error) });
      }
      case "sessionEnded":
        for (const itemId of turns.keys()) closeTurn(itemId);
        return;
      case "responseStarted":
        return startReply(fact.responseId, fact.itemId, fact.at);
      default:
        replies.get(fact.responseId)?.trace.tell(fact);
        if (fact.kind === "responseEnded") replies.delete(fact.responseId);
    }
  };
}

function engineAttributes(operation: string, { name, model }: Engine): Attributes {
  return {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": name,
    "gen_ai.request.model": model ?? name,
  };
}
