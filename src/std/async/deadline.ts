import { abortable } from "./abortable.ts";

/** Options for {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Ends the waiting early; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Stops waiting for a promise after `ms` milliseconds. The work behind the promise goes on.
 *
 * @throws {DOMException} `TimeoutError` when the time is over.
 * @throws the signal's reason, once it aborts.
 */
export async function deadline<T>(
  p: Promise<T>,
  ms: number,
  options: DeadlineOptions = {},
): Promise<T> {
  const signals: AbortSignal[] = [];
  if (ms < Number.MAX_SAFE_INTEGER) signals.push(AbortSignal.timeout(ms));
  if (options.signal) signals.push(options.signal);
  return await abortable(p, AbortSignal.any(signals));
}
