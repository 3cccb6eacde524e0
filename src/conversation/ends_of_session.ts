import { debounceTime, startWith, tap } from "rxjs";
import { drain } from "@/conversation/drain.ts";
import type { Facts } from "@/conversation/facts_stream.ts";
import { onAbort } from "@/conversation/on_abort.ts";
import type { SessionEnd } from "@/conversation/session.ts";
import { SessionLost, type SessionRecord } from "@/conversation/session_store.ts";

/** What may end a session besides its client and its faults. */
export interface EndsOfSession {
  /** Its longest duration. */
  readonly maxMinutes: number;
  /** How long nothing may happen in it; for ever without it. */
  readonly idleSeconds: number | undefined;
  /** Aborts when its record is somebody else's, or nobody's. */
  readonly lost: SessionRecord["lost"];
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal | undefined;
  /** Settles when nobody speaks, and nobody is answered. */
  readonly quiet: () => Promise<void>;
  readonly facts: Facts;
  /** Aborts when it has ended. */
  readonly signal: AbortSignal;
}

/** Calls `end` when it is time, with the reason; more often than once, perhaps. No timer is left once the signal aborts. */
export function watchEnds(
  end: (reason: SessionEnd) => void,
  { maxMinutes, idleSeconds, lost, stopping, quiet, facts, signal }: EndsOfSession,
): void {
  const expiry = setTimeout(end, maxMinutes * 60_000, "expired" satisfies SessionEnd);
  onAbort(signal, () => clearTimeout(expiry));
  const lose = () => end(lost.reason instanceof SessionLost ? lost.reason.how : "failed");
  onAbort(lost, lose, { until: signal });
  if (idleSeconds !== undefined) {
    facts.observe("idle", (stream) =>
      stream.pipe(
        startWith(undefined),
        debounceTime(idleSeconds * 1000),
        tap(() => end("idle")),
      ));
  }
  const shutDown = () => void drain(quiet(), signal).then(() => end("shutdown"));
  onAbort(stopping, shutDown, { until: signal });
}
