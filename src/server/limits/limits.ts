import type { Limits } from "@/config/limit_variables.ts";
import type { AdmitTurn } from "@/conversation/turn_limit.ts";
import { createAdmission } from "@/server/limits/admission.ts";
import { clientAddress, trustProxies } from "@/server/limits/client_address.ts";
import { createDoor, type Door } from "@/server/limits/door.ts";
import { createTurnLimit } from "@/server/limits/turn_limit.ts";
import { createRateLimiter } from "@/server/limits/rate_limiter.ts";

/** Where a call comes from. */
export interface Origin {
  /** Whom its key belongs to. */
  readonly subject: string;
  readonly headers: Headers;
  /** Address of the connection's other end. */
  readonly peer: string;
}

/** All limits of one server. */
export interface CallerLimits extends Door {
  /** Whom the limits count: a subject, or an address where everybody is `"anonymous"`. */
  callerOf(origin: Origin): string;
  /** Counts a caller's turns, and the seconds of speech in them; `undefined` where neither is limited. */
  admitTurn(caller: string): AdmitTurn | undefined;
}

/** What the limits are of. */
export interface CallerLimitsOptions {
  readonly kv: Deno.Kv;
  /** What {@linkcode Limits.maxSessions} is where it is not set; `Infinity` for no limit. */
  readonly maxSessions: number;
}

/** Sets the limits of a server up. */
export function createLimits(
  limits: Limits,
  { kv, maxSessions }: CallerLimitsOptions,
): CallerLimits {
  const proxies = trustProxies(limits.trustedProxies);
  const limiter = (kind: string, perMinute: number | undefined) =>
    perMinute === undefined ? undefined : createRateLimiter(kv, { kind, perMinute });
  const { enter } = createDoor({
    admission: createAdmission({ maxSessions, maxSessionsPerCaller: limits.maxSessionsPerCaller }),
    connections: limiter("connections", limits.connectionsPerMinute),
  });
  return {
    enter,
    admitTurn: createTurnLimit({
      turns: limiter("turns", limits.turnsPerMinute),
      speech: limiter("speech", limits.audioSecondsPerMinute),
    }),
    callerOf({ subject, headers, peer }) {
      if (subject !== "anonymous") return subject;
      return clientAddress(peer, headers.get("x-forwarded-for"), proxies);
    },
  };
}
