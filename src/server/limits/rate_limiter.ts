import { getLogger } from "@logtape/logtape";
import { retryLocked } from "@/conversation/kv_retry.ts";
import { type Verdict, withdraw } from "@/server/limits/allowance.ts";

const logger = getLogger(["chatai", "limits"]);

/** Kept beyond the time that counts, in ms: clocks of instances differ. */
const GRACE_MS = 60_000;

/** What one limiter counts. */
export interface RateLimiterOptions {
  /** Names the count, e.g. `"turns"`. */
  readonly kind: string;
  /** Units a minute and caller. */
  readonly perMinute: number;
  /** Unix ms. @default {Date.now} */
  readonly now?: () => number;
}

/** Counts what callers do. */
export interface RateLimiter {
  /** Units a minute. */
  readonly perMinute: number;
  /** Takes from a caller's allowance, if there is any. */
  take(caller: string, cost?: number): Promise<Verdict>;
}

/**
 * Counts in the store, so that the limit holds for all instances that share it together. Exact under concurrency:
 * each count is a transaction, done again where another came between. A store that fails lets callers through,
 * and is logged: better some too many than nobody.
 */
export function createRateLimiter(
  kv: Deno.Kv,
  { kind, perMinute, now = Date.now }: RateLimiterOptions,
): RateLimiter {
  async function count(caller: string, cost: number): Promise<Verdict> {
    const key = ["limits", kind, caller];
    for (;;) {
      const entry = await kv.get<number>(key);
      const verdict = withdraw(entry.value ?? undefined, { cost, perMinute, now: now() });
      if (!verdict.allowed) return verdict;
      const { ok } = await kv.atomic()
        .check(entry)
        .set(key, verdict.backAt, { expireIn: verdict.resetMs + GRACE_MS })
        .commit();
      if (ok) return verdict;
    }
  }

  return {
    perMinute,
    async take(caller, cost = 1) {
      try {
        return await retryLocked(() => count(caller, cost));
      } catch (error) {
        logger.error("Cannot count {kind}: {error}", { kind, error });
        return withdraw(undefined, { cost, perMinute, now: now() });
      }
    },
  };
}
