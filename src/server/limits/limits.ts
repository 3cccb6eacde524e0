import type { Limits } from "@/config/limit_variables.ts";
import type { AdmitTurn } from "@/conversation/turn_limit.ts";
import { type CallerPlaces, createCallerPlaces } from "@/server/limits/caller_places.ts";
import { clientAddress, networkOf, trustProxies } from "@/server/limits/client_address.ts";
import { createTurnLimit } from "@/server/limits/turn_limit.ts";
import { createRateLimiter, type RateLimiter } from "@/server/limits/rate_limiter.ts";

/** Where a call comes from. */
export interface Origin {
  /** Whom its key belongs to. */
  readonly subject: string;
  readonly headers: Headers;
  /** Address of the connection's other end. */
  readonly peer: string;
}

/** What callers are limited by in all that they do. */
export interface CallerLimits {
  /** Whom the limits count: a subject, or an address (of IPv6 its network) where everybody is `"anonymous"`. */
  callerOf(origin: Origin): string;
  /** Of connections; `undefined` where they are not limited. */
  readonly connections: RateLimiter | undefined;
  /** For sessions; `undefined` where one caller may have any number. */
  readonly places: CallerPlaces | undefined;
  /** Of speech, in seconds; `undefined` where it is not limited. */
  readonly speech: RateLimiter | undefined;
  /** Counts a caller's turns, and the seconds of speech in them; `undefined` where neither is limited. */
  admitTurn(caller: string): AdmitTurn | undefined;
}

/** Sets the limits of a server up, counted in its store. */
export function createLimits(limits: Limits, kv: Deno.Kv): CallerLimits {
  const proxies = trustProxies(limits.trustedProxies);
  const limiter = (kind: string, perMinute: number | undefined) =>
    perMinute === undefined ? undefined : createRateLimiter(kv, { kind, perMinute });
  const speech = limiter("speech", limits.audioSecondsPerMinute);
  return {
    connections: limiter("connections", limits.connectionsPerMinute),
    places: limits.maxSessionsPerCaller === undefined
      ? undefined
      : createCallerPlaces(kv, { perCaller: limits.maxSessionsPerCaller }),
    speech,
    admitTurn: createTurnLimit({ turns: limiter("turns", limits.turnsPerMinute), speech }),
    callerOf({ subject, headers, peer }) {
      if (subject !== "anonymous") return subject;
      return networkOf(clientAddress(peer, headers.get("x-forwarded-for"), proxies));
    },
  };
}
