import { delay } from "@std/async/delay";
import { storeErrors } from "@/telemetry/metrics.ts";

/** Tries before a locked store is given up. With the waits below that is about 2 s. */
const MAX_TRIES = 25;

/**
 * Ms after which no further try begins: more than the waits come to, less than the 5 s that SQLite itself may wait in
 * one try, as it does to open a file.
 */
const MAX_MS = 4000;

/** Longest wait between two tries, in ms. */
const MAX_WAIT_MS = 150;

/**
 * Runs an operation of Deno KV again while another process holds the lock of its file, which SQLite does for the
 * milliseconds of a commit. A locked operation has changed nothing. Every operation goes through here, and what fails
 * in the end is counted.
 *
 * @throws what `work` throws, if it is anything else or the lock stays.
 */
export async function retryLocked<T>(work: () => Promise<T>): Promise<T> {
  const begun = Date.now();
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || Date.now() - begun > MAX_MS || !isLocked(error)) {
        storeErrors.inc();
        throw error;
      }
      await delay(Math.random() * Math.min(MAX_WAIT_MS, 2 ** tries));
    }
  }
}

/** Deno gives the lock no class and no code of its own, so the message must tell. */
function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked/i.test(error.message);
}
