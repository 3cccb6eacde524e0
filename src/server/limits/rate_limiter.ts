import { getLogger } from "@logtape/logtape";
import { retryLocked } from "@/conversation/kv_retry.ts";
import { type Verdict, withdraw, type Withdrawal } from "@/server/limits/allowance.ts";

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
  /** Takes what a caller has had already, whether there was so much or not: what there was not is owed. */
  charge(caller: string, cost: number): Promise<void>;
  /** Whether {@linkcode take} would be allowed now. Takes nothing. */
  ask(caller: string): Promise<Verdict>;
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
  type Asked = Pick<Withdrawal, "cost" | "had">;

  async function count(caller: string, asked: Asked): Promise<Verdict> {
    const key = ["limits", kind, caller];
    for (;;) {
      const entry = await kv.get<number>(key);
      const verdict = withdraw(entry.value ?? undefined, { ...asked, perMinute, now: now() });
      if (!verdict.allowed || asked.cost === 0) return verdict;
      const { ok } = await kv.atomic()
        .check(entry)
        .set(key, verdict.backAt, { expireIn: verdict.resetMs + GRACE_MS })
        .commit();
      if (ok) return verdict;
    }
  }

  async function tryCount(caller: string, asked: Asked): Promise<Verdict> {
    try {
      return await retryLocked(() => count(caller, asked));
    } catch (error) {
      logger.error("Cannot count {kind}: {error}", { kind, error });
      return withdraw(undefined, { ...asked, perMinute, now: now() });
    }
  }

  return {
    perMinute,
    take: (caller, cost = 1) => tryCount(caller, { cost }),
    async charge(caller, cost) {
      await tryCount(caller, { cost, had: true });
    },
    ask: (caller) => tryCount(caller, { cost: 0 }),
  };
}
