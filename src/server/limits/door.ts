import { errorResponse } from "@/server/errors.ts";
import type { Admission } from "@/server/limits/admission.ts";
import type { RateLimiter } from "@/server/limits/rate_limiter.ts";
import { refusals } from "@/telemetry/metrics.ts";

/** Seconds after which a caller may ask a full server again. */
const RETRY_FULL_S = 5;

/** Decides which callers may have a session now. */
export interface Door {
  /** A place in the server, to be given back; or the answer that says when to come again. */
  enter(caller: string): Promise<Disposable | Response>;
}

/** What the door goes by. */
export interface DoorOptions {
  readonly admission: Admission;
  /** Of connections. Absent: as many as they like. */
  readonly connections: RateLimiter | undefined;
}

/** Makes it. A connection that is refused for want of room is counted all the same: asking costs too. */
export function createDoor({ admission, connections }: DoorOptions): Door {
  return {
    async enter(caller) {
      const verdict = await connections?.take(caller);
      if (verdict?.allowed === false) {
        return refuse(429, {
          code: "rate_limit_exceeded",
          message: `At most ${connections?.perMinute} connections a minute.`,
          retryAfterS: Math.ceil(verdict.retryAfterMs / 1000),
        });
      }
      const entry = admission.enter(caller);
      switch (entry.kind) {
        case "entered":
          return entry.place;
        case "full":
          return refuse(503, {
            code: "server_full",
            message: "The server has all the sessions that it can serve.",
            retryAfterS: RETRY_FULL_S,
          });
        case "greedy":
          return refuse(429, {
            code: "too_many_sessions",
            message: "You have all the sessions that one caller may have at once.",
            retryAfterS: RETRY_FULL_S,
          });
      }
    },
  };
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryAfterS: number;
}

function refuse(status: 429 | 503, { code, message, retryAfterS }: Refusal): Response {
  refusals.inc({ reason: code });
  const type = status === 503 ? "server_error" : "invalid_request_error";
  return errorResponse(status, { type, code, message }, { "retry-after": String(retryAfterS) });
}
