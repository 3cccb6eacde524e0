/** What a caller may do in a minute, all at once or spread over it. */
const WINDOW_MS = 60_000;

/** What is asked of an allowance. */
export interface Withdrawal {
  /** Units, e.g. turns or seconds of speech. */
  readonly cost: number;
  /** Units a minute. */
  readonly perMinute: number;
  /** Unix ms. */
  readonly now: number;
  /** It has been had already: is taken even if nothing is left, and owed. */
  readonly had?: boolean;
}

/** Whether a caller may go on, and what is left. */
export interface Verdict {
  readonly allowed: boolean;
  /** Whole units that are left. */
  readonly remaining: number;
  /** Until there is a whole unit again, in ms; 0 where there is one. */
  readonly retryAfterMs: number;
  /** Until the allowance is whole again, in ms. */
  readonly resetMs: number;
  /** When all that was taken will have grown back, Unix ms: all that is to be kept. */
  readonly backAt: number;
}

/**
 * Takes from an allowance that grows back evenly (the generic cell rate algorithm, as networks police traffic).
 * Who has a whole unit left may take more than that, and owes it: the length of an utterance is known only when
 * it is over.
 *
 * @param backAt As the last verdict said; `undefined` where nothing was taken yet.
 */
export function withdraw(
  backAt: number | undefined,
  { cost, perMinute, now, had = false }: Withdrawal,
): Verdict {
  const unitMs = WINDOW_MS / perMinute;
  const owedMs = Math.max(0, (backAt ?? now) - now);
  const allowed = had || owedMs + unitMs <= WINDOW_MS + 1e-6;
  const afterMs = allowed ? owedMs + cost * unitMs : owedMs;
  return {
    allowed,
    remaining: Math.max(0, Math.floor((WINDOW_MS - afterMs) / unitMs + 1e-6)),
    retryAfterMs: Math.max(0, Math.ceil(afterMs + unitMs - WINDOW_MS - 1e-6)),
    resetMs: Math.ceil(afterMs),
    backAt: now + afterMs,
  };
}
