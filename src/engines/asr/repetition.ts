/** A loop is at least this many tokens... */
const LOOP_TOKENS = 24;
/** ...that are at least so many times the same. */
const LOOP_TIMES = 4;

/**
 * Finds out whether a model has begun to repeat itself, as small ones do on long or strange audio. Returns how
 * many tokens to keep, up to the end of the first repeat, or `undefined` if all is well. People repeat
 * themselves too ("no, no, no, no"), so a short run of the same is no loop.
 */
export function findLoop(tokens: readonly number[]): number | undefined {
  for (let period = 1; period <= tokens.length / LOOP_TIMES; period++) {
    let same = 0;
    while (
      same + period < tokens.length && tokens.at(-1 - same) === tokens.at(-1 - same - period)
    ) {
      same++;
    }
    const looped = same + period;
    if (looped >= LOOP_TOKENS && looped >= period * LOOP_TIMES) return tokens.length - same;
  }
  return undefined;
}
