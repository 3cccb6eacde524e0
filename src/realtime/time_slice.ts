import { setImmediate } from "node:timers/promises";

/**
 * How long one connection may keep the event loop, in ms, until all others have their turn: an audio frame is due
 * every 20 to 32 ms, and many connections may be busy at once.
 */
const SLICE_MS = 2;

/** By which clock, and what a turn is. */
export interface TimeSliceOptions {
  /** ms. @default {performance.now} */
  readonly now?: () => number;
  /** Settles when the event loop has turned. */
  readonly turn?: () => Promise<unknown>;
}

/** The time that one connection may take at once. */
export interface TimeSlice {
  /** Does some work, and then lets others have their turn where the time is used up. */
  spend(work: () => Promise<void>): Promise<void>;
}

/**
 * Shares the event loop out. Work that waits for nothing goes on in microtasks, and as long as there is more of it
 * no timer, no socket and no Worker is heard.
 */
export function createTimeSlice(
  { now = () => performance.now(), turn = setImmediate }: TimeSliceOptions = {},
): TimeSlice {
  let spentMs = 0;
  return {
    async spend(work) {
      const startedAt = now();
      await work();
      spentMs += now() - startedAt;
      if (spentMs < SLICE_MS) return;
      await turn();
      spentMs = 0;
    },
  };
}
