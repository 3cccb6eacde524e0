/** What one more signal to stop does. */
export type StopStep =
  /** It begins the end. */
  | "begin"
  /** It is the first one once more. */
  | "heard"
  /** Somebody does not want to wait for the end. */
  | "exit";

/**
 * How long after the first signal further ones are taken for the same, in ms. Whoever signals a whole process group
 * (systemd, a terminal's Ctrl-C) reaches the server several times at once: each `deno task` above it passes on what
 * it was told itself. A person who does not want to wait takes longer.
 */
const SAME_SIGNAL_MS = 1000;

/** Tells, for one signal after another, what to do on it. */
export function createStopSteps(now: () => number = () => performance.now()): () => StopStep {
  let firstMs: number | undefined;
  return () => {
    if (firstMs === undefined) {
      firstMs = now();
      return "begin";
    }
    return now() - firstMs < SAME_SIGNAL_MS ? "heard" : "exit";
  };
}
