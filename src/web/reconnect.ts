/** Why a connection is over for good, or for how long to wait before the next one. */
export type CloseVerdict =
  | { readonly retry: true }
  | { readonly retry: false; readonly reason: ClosedReason };

/**
 * Why there will be no reconnection by itself.
 *
 * - `taken_over`: another page or device goes on with this session
 * - `unauthorised`: the server wants a key, or another key
 * - `ended`: the server ended the session (its time was over)
 * - `refused`: the server broke the connection off because of what was sent
 */
export type ClosedReason = "taken_over" | "unauthorised" | "ended" | "refused";

/** Close code of a connection whose session went on in another connection. */
export const TAKEN_OVER = 4001;

/** First wait before a reconnection, in ms. */
const FIRST_DELAY_MS = 500;
/** Longest wait, in ms. */
const MAX_DELAY_MS = 15_000;

/** What a close code means. 1005 and 1006 are lost networks; 1001, 1011, 1012 and 1013 pass. */
export function judgeClose(code: number): CloseVerdict {
  switch (code) {
    case TAKEN_OVER:
      return { retry: false, reason: "taken_over" };
    case 1000:
      return { retry: false, reason: "ended" };
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
      return { retry: false, reason: "refused" };
    default:
      return { retry: true };
  }
}

/**
 * Wait before the reconnection of this number, in ms: doubles each time, and is spread over its upper half so
 * that the clients of a restarted server do not come back all at once.
 *
 * @param attempt 0 for the first.
 * @param random 0 up to, not including, 1.
 */
export function reconnectDelay(attempt: number, random: number): number {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return ceiling / 2 + ceiling / 2 * random;
}
