import { defer, filter, map, type Observable } from "rxjs";
import type { TurnMetrics } from "@/conversation/client.ts";
import type { SessionFact } from "@/facts.ts";

/** Spoken turns remembered for the responses that may still answer them. */
const MAX_TURNS = 16;

/** When the things of a spoken turn happened, in ms on the session's clock. */
interface Turn {
  readonly lastSpeechAt: number;
  readonly endedAt: number;
  transcribedAt?: number;
}

/** When the things of a response happened. */
interface Reply {
  readonly itemId: string | undefined;
  readonly startedAt: number;
  firstTokenAt?: number;
  firstAudioAt?: number;
  firstSentAt?: number;
}

/**
 * Tells of every response, when it ends, how long its stages took, counted from the arrival of the user's last
 * speech sample, or from the response's start where it answers no spoken turn. It forgets a response that has
 * ended, and turns but for the last 16.
 */
export function turnMetrics(facts: Observable<SessionFact>): Observable<TurnMetrics> {
  return defer(() => facts.pipe(map(createLedger()), filter((metrics) => metrics !== undefined)));
}

/** Enters fact after fact; a fact that ends a response gives its metrics. */
function createLedger(): (fact: SessionFact) => TurnMetrics | undefined {
  const turns = new Map<string, Turn>();
  const replies = new Map<string, Reply>();

  return (fact) => {
    switch (fact.kind) {
      case "turnEnded":
        turns.set(fact.itemId, { lastSpeechAt: fact.lastSpeechAt, endedAt: fact.at });
        if (turns.size > MAX_TURNS) turns.delete(turns.keys().next().value!);
        return;
      case "transcribed": {
        const turn = turns.get(fact.itemId);
        if (turn !== undefined) turn.transcribedAt ??= fact.at;
        return;
      }
      case "responseStarted":
        replies.set(fact.responseId, { itemId: fact.itemId, startedAt: fact.at });
        return;
      case "firstToken":
        stamp(replies.get(fact.responseId), "firstTokenAt", fact.at);
        return;
      case "speechMade":
        if (fact.audioMs > 0) stamp(replies.get(fact.responseId), "firstAudioAt", fact.at);
        return;
      case "firstAudioSent":
        stamp(replies.get(fact.responseId), "firstSentAt", fact.at);
        return;
      case "responseEnded": {
        const reply = replies.get(fact.responseId);
        if (reply === undefined) return;
        replies.delete(fact.responseId);
        return metricsOf(fact.responseId, reply, turns.get(reply.itemId ?? ""));
      }
    }
  };
}

/** Enters when something happened for the first time. */
function stamp(
  reply: Reply | undefined,
  what: "firstTokenAt" | "firstAudioAt" | "firstSentAt",
  at: number,
): void {
  if (reply !== undefined) reply[what] ??= at;
}

function metricsOf(responseId: string, reply: Reply, turn: Turn | undefined): TurnMetrics {
  const from = turn?.lastSpeechAt ?? reply.startedAt;
  return {
    responseId,
    ...since(from, "endpoint", turn?.endedAt),
    ...since(from, "transcript", turn?.transcribedAt),
    ...since(from, "firstToken", reply.firstTokenAt),
    ...since(from, "firstAudio", reply.firstAudioAt),
    ...since(from, "voiceToVoice", reply.firstSentAt),
  };
}

/** A stage's time in ms under its name; nothing if it did not happen, or before the count began. */
function since<Stage extends Exclude<keyof TurnMetrics, "responseId">>(
  from: number,
  stage: Stage,
  at: number | undefined,
): { readonly [S in Stage]?: number } {
  return at === undefined || at < from ? {} : { [stage]: at - from } as { [S in Stage]: number };
}
