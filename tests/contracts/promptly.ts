/** A caller is released within this many ms of its abort. */
export const RELEASE_MS = 10;

/** The server of a remote engine sees the connection close within this many ms of the abort. */
export const CLOSE_MS = 50;

/** This machine is shared: of so many tries, one must keep the bounds. */
const TRIES = 5;

/**
 * Holds if one of a few tries keeps all bounds; each must end.
 *
 * @param bounds ms, by what takes them.
 * @param measure Does it once, and resolves to the ms that it took.
 */
export async function promptly<Span extends string>(
  bounds: Readonly<Record<Span, number>>,
  measure: () => Promise<Readonly<Record<Span, number>>>,
): Promise<void> {
  const tries: string[] = [];
  const spans = Object.keys(bounds) as Span[];
  while (tries.length < TRIES) {
    const taken = await measure();
    const late = spans.filter((span) => taken[span] > bounds[span]);
    if (late.length === 0) return;
    tries.push(late.map((span) => `${span} after ${taken[span]} ms`).join(", "));
  }
  throw new Error(tries.join("; "));
}
