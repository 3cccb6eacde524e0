import { delay } from "@std/async/delay";

/** How long what is being said may go on when the server stops, in ms. Then it is cut. */
export const DRAIN_MS = 10_000;

/** Settles when `quiet` does, but when {@linkcode DRAIN_MS} are over or `signal` aborts at the latest. */
export async function drain(quiet: Promise<void>, signal: AbortSignal): Promise<void> {
  const waited = new AbortController();
  const patience = delay(DRAIN_MS, { signal: AbortSignal.any([signal, waited.signal]) })
    .catch(() => {}); // it need not wait so long
  await Promise.race([quiet, patience]);
  waited.abort();
}
