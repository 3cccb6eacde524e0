import { abortable } from "@std/async/abortable";
import { getLogger } from "@logtape/logtape";

const logger = getLogger(["chatai", "server"]);

/**
 * Waits until all has ended, but not for ever: what has not ended by then ends with the process, and is no reason to
 * call its end a failure.
 *
 * @param ms How long to wait.
 * @throws what ending fails with, if it does so in time
 */
export async function endsInTime(end: Promise<void>, ms: number): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    await abortable(end, late.signal);
  } catch (error) {
    if (error !== late.signal.reason) throw error;
    logger.warn("Not all has ended in {seconds} s: the store did not answer, perhaps", {
      seconds: ms / 1000,
    });
  } finally {
    clearTimeout(timer);
  }
}
