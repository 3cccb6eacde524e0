import type { AdmitTurn } from "@/conversation/turn_limit.ts";
import type { RateLimiter } from "@/server/limits/rate_limiter.ts";
import { refusals } from "@/telemetry/metrics.ts";

/** What is counted of a turn. */
export interface TurnLimitOptions {
  readonly turns: RateLimiter | undefined;
  /** In seconds. */
  readonly speech: RateLimiter | undefined;
}

/** Makes what counts the turns of callers; it makes nothing where nothing is limited. */
export function createTurnLimit(
  { turns, speech }: TurnLimitOptions,
): (caller: string) => AdmitTurn | undefined {
  return (caller) => {
    if (turns === undefined && speech === undefined) return undefined;
    return async (speechSeconds) => {
      const ofTurns = await turns?.take(caller);
      const ofSpeech = speechSeconds > 0 && ofTurns?.allowed !== false
        ? await speech?.take(caller, speechSeconds)
        : undefined;
      const verdicts = [ofTurns, ofSpeech].filter((verdict) => verdict !== undefined);
      const refused = verdicts.find(({ allowed }) => !allowed);
      if (refused !== undefined) refusals.inc({ reason: "turn_limit" });
      return {
        allowed: refused === undefined,
        retryAfterSeconds: Math.ceil((refused?.retryAfterMs ?? 0) / 1000),
        limits: turns === undefined || ofTurns === undefined ? [] : [{
          name: "requests",
          limit: turns.perMinute,
          remaining: ofTurns.remaining,
          resetSeconds: Math.ceil(ofTurns.resetMs / 1000),
        }],
      };
    };
  };
}
