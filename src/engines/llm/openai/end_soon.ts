import { delay } from "@std/async";
import type { Chunk } from "@/engines/llm/openai/chunk.ts";

/** What the count of tokens may take once a reply is whole, in ms: it is ready, and only has to come. */
const GRACE_MS = 500;

/**
 * Ends a reply's chunks half a second after the reason for its end, if its server does not: some keep the stream
 * open, and nobody should wait for the count of tokens alone. Whoever owns the source closes it.
 */
export async function* endSoon(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  const source = chunks[Symbol.asyncIterator]();
  const over = new AbortController();
  let grace: Promise<undefined> | undefined;
  try {
    while (true) {
      const next = source.next();
      const result = await (grace === undefined ? next : Promise.race([next, grace]));
      if (result === undefined || result.done) return;
      yield result.value;
      // Not before the reader is back: what comes while it is busy is not late.
      if (result.value.choices?.[0]?.finish_reason) grace = expire(over.signal);
    }
  } finally {
    over.abort();
  }
}

function expire(signal: AbortSignal): Promise<undefined> {
  return delay(GRACE_MS, { signal }).then(() => undefined, () => undefined);
}
