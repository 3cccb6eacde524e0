/** Draws for one test. Put `seed` into the message of an assertion, so that a failure can be repeated. */
export interface Draw {
  readonly seed: number;
  /** A whole number, both ends included. */
  int(from: number, to: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** Random draws that a seed repeats (mulberry32). */
export function createDraw(
  seed: number = crypto.getRandomValues(new Uint32Array(1))[0]!,
): Draw {
  let state = seed;

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  function int(from: number, to: number): number {
    return from + Math.floor(next() * (to - from + 1));
  }
  return { seed, int, pick: (choices) => choices[int(0, choices.length - 1)]! };
}
