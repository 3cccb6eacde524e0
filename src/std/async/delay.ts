/** Options for {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the delay early; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the timer keeps the process alive. True by default. */
  persistent?: boolean;
}

/** Longest wait that one timer can do, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits `ms` milliseconds; negative and not-a-number count as 0, there is no upper limit.
 *
 * @throws the signal's reason, once it aborts.
 */
export function delay(ms: number, options: DelayOptions = {}): Promise<void> {
  const { signal, persistent = true } = options;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) {
    reject(signal.reason);
    return promise;
  }

  const due = Date.now() + ms;
  let timer: number;

  function wait(left: number): void {
    timer = left > MAX_TIMER_MS
      ? +setTimeout(() => wait(due - Date.now()), MAX_TIMER_MS)
      : +setTimeout(finish, Math.max(0, Math.trunc(left) || 0));
    if (!persistent) Deno.unrefTimer(timer);
  }
  function finish(): void {
    signal?.removeEventListener("abort", abort);
    resolve();
  }
  function abort(): void {
    clearTimeout(timer);
    reject(signal?.reason);
  }

  wait(ms);
  signal?.addEventListener("abort", abort, { once: true });
  return promise;
}
