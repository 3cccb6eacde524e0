import { DRAIN_MS } from "@/conversation/drain.ts";

/** What is told to end may take so long, in ms, until nobody waits for it any more. */
const GRACE_MS = 2000;

/** How the server comes to its end: one signal for each stage. */
export interface StagesOfEnd extends Disposable {
  /** Nobody new is let in; what is being said may come to its end. */
  readonly stopping: AbortSignal;
  /** What still runs is told to end. */
  readonly overdue: AbortSignal;
  /** What did not end is left alone: it ends with the process. */
  readonly lost: AbortSignal;
  /** Begins the first stage; the others follow by themselves, unless all has ended before. */
  begin(): void;
}

/** Prepares it. Disposing it ends the waiting for the next stage. */
export function createStagesOfEnd(): StagesOfEnd {
  const stopping = new AbortController();
  const overdue = new AbortController();
  const lost = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  return {
    stopping: stopping.signal,
    overdue: overdue.signal,
    lost: lost.signal,
    begin() {
      stopping.abort();
      timers.push(setTimeout(() => overdue.abort(), DRAIN_MS));
      timers.push(setTimeout(() => lost.abort(), DRAIN_MS + GRACE_MS));
    },
    [Symbol.dispose]: () => timers.forEach(clearTimeout),
  };
}
