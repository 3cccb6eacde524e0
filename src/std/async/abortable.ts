/**
 * Stops waiting for a promise once a signal aborts. The work behind the promise goes on: only the waiting ends.
 *
 * The real package takes an async iterable too. That form is left out: it waits for the source's pending
 * `next()` before it rejects, so it does not end a source that is stuck.
 *
 * @throws the signal's reason, once it aborts or if it already has.
 */
export async function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([aborted.promise, p]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
