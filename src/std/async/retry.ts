import { delay } from "./delay.ts";

/** Every attempt of a {@linkcode retry} failed. `cause` is what the last one threw. */
export class RetryError extends Error {
  /** `attempts`: how many were made. */
  constructor(cause: unknown, attempts: number) {
    super(`Retrying exceeded the maxAttempts (${attempts}).`);
    this.name = "RetryError";
    this.cause = cause;
  }
}

/** Options for {@linkcode retry}. */
export interface RetryOptions {
  /** Growth of the wait from attempt to attempt. 2 by default. */
  multiplier?: number;
  /** Longest wait between two attempts, in ms. 60000 by default. */
  maxTimeout?: number;
  /** Attempts in all, the first included. 5 by default. */
  maxAttempts?: number;
  /** Wait after the first failure, in ms. 1000 by default. */
  minTimeout?: number;
  /** Share of each wait that is random, 0 to 1. 1, the default, waits between nothing and the whole. */
  jitter?: number;
}

/**
 * Calls `fn` until it succeeds, waiting longer after each failure.
 *
 * @throws {RetryError} when `maxAttempts` calls have failed.
 * @throws {TypeError} if the options contradict each other.
 */
export async function retry<T>(
  fn: (() => Promise<T>) | (() => T),
  options?: RetryOptions,
): Promise<T> {
  const {
    multiplier = 2,
    maxTimeout = 60_000,
    maxAttempts = 5,
    minTimeout = 1_000,
    jitter = 1,
  } = options ?? {};
  if (maxTimeout <= 0) {
    throw new TypeError(`Cannot retry: 'maxTimeout' must be positive, not ${maxTimeout}`);
  }
  if (minTimeout > maxTimeout) {
    throw new TypeError(
      `Cannot retry: 'minTimeout' (${minTimeout}) must not be above 'maxTimeout' (${maxTimeout})`,
    );
  }
  if (jitter > 1) throw new TypeError(`Cannot retry: 'jitter' must be at most 1, not ${jitter}`);

  for (let attempt = 1;; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (attempt >= maxAttempts) throw new RetryError(error, maxAttempts);
    }
    const whole = Math.min(maxTimeout, minTimeout * multiplier ** (attempt - 1));
    await delay(whole * (1 - jitter * Math.random()));
  }
}
