import type { Admission } from "@/server/limits/admission.ts";
import type { CallerPlaces } from "@/server/limits/caller_places.ts";
import type { RateLimiter } from "@/server/limits/rate_limiter.ts";
import { RETRY_FULL_S, sendAway } from "@/server/limits/send_away.ts";

/**
 * When work has waited for a model so long, in ms, nobody new is let in: those who are in conversation feel it
 * already. Partial and eager texts have been given up by then.
 */
const MAX_BACKLOG_MS = 1000;

/** Decides which callers may have a session now. */
export interface Door {
  /** A place in the server, to be given back; or the answer that says when to come again. */
  enter(caller: string): Promise<AsyncDisposable | Response>;
}

/** What the door goes by. */
export interface DoorOptions {
  /** How long work has waited for a model, in ms. */
  readonly backlogMs: () => number;
  /** To this process. */
  readonly admission: Admission;
  /** For the sessions of each caller. Absent: as many as they like. */
  readonly places: CallerPlaces | undefined;
  /** Of connections. Absent: as many as they like. */
  readonly connections: RateLimiter | undefined;
}

/** Counts a connection of a caller; answers it where it is one too many. */
export async function countConnection(
  connections: RateLimiter | undefined,
  caller: string,
): Promise<Response | undefined> {
  const verdict = await connections?.take(caller);
  if (verdict?.allowed !== false) return undefined;
  return sendAway(429, {
    code: "rate_limit_exceeded",
    message: `At most ${connections?.perMinute} connections a minute.`,
    retryAfterS: Math.ceil(verdict.retryAfterMs / 1000),
  });
}

/** Makes it. A connection that is refused for want of room is counted all the same: asking costs too. */
export function createDoor({ backlogMs, admission, connections, places }: DoorOptions): Door {
  return {
    async enter(caller) {
      const refused = await countConnection(connections, caller);
      if (refused !== undefined) return refused;
      if (backlogMs() > MAX_BACKLOG_MS) {
        return sendAway(503, {
          code: "server_busy",
          message: "The server is behind with its work.",
          retryAfterS: RETRY_FULL_S,
        });
      }
      const room = admission.enter();
      if (room === undefined) {
        return sendAway(503, {
          code: "server_full",
          message: "The server has all the sessions that it can serve.",
          retryAfterS: RETRY_FULL_S,
        });
      }
      const place = await places?.take(caller);
      if (places !== undefined && place === undefined) {
        room[Symbol.dispose]();
        return sendAway(429, {
          code: "too_many_sessions",
          message: "You have all the sessions that one caller may have at once.",
          retryAfterS: RETRY_FULL_S,
        });
      }
      const entered = new AsyncDisposableStack();
      entered.use(place);
      entered.use(room); // given back first: the next caller need not wait for the store
      return entered;
    },
  };
}
