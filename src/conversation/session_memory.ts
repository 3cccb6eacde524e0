import { getLogger } from "@logtape/logtape";
import type { SessionRecord } from "@/conversation/session_store.ts";

const logger = getLogger(["chatai", "session"]);

/** Writes of one session, one after another. A failure is logged, and the conversation goes on from memory. */
export interface SessionMemory {
  /** Does the work after all before it. Never rejects. */
  write(work: () => Promise<void>): Promise<void>;
  /** Settles when all of it is done. */
  settled(): Promise<void>;
}

/** Starts writing a session's record. */
export function createSessionMemory(
  { session, lost }: SessionRecord,
): SessionMemory {
  let last = Promise.resolve();
  return {
    write(work) {
      last = last.then(work).catch((error) => {
        if (lost.aborted) return; // another instance writes this session now, or nobody
        logger.error("Cannot store session {sessionId}: {error}", { sessionId: session.id, error });
      });
      return last;
    },
    settled: () => last,
  };
}
