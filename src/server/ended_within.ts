import { delay } from "@std/async/delay";

/** What became of a stream in time: all its parts, or a stream of them all that goes on. */
export type EndedWithin<T> =
  | { readonly kind: "ended"; readonly parts: readonly T[] }
  | { readonly kind: "running"; readonly stream: ReadableStream<T> };

/**
 * Waits for a stream's end, but not for ever. Whatever takes longer is better sent as it comes: whoever is between
 * takes a long silence for an end, and Deno notices that a client has gone only while an answer is under way.
 *
 * @throws what the stream fails with, if it does so in time
 */
export async function endedWithin<T>(
  stream: ReadableStream<T>,
  ms: number,
): Promise<EndedWithin<T>> {
  const reader = stream.getReader();
  const parts: T[] = [];
  const waited = new AbortController();
  const patience = delay(ms, waited).then(() => "over" as const, () => "over" as const);
  let next = reader.read();
  try {
    for (;;) {
      const result = await Promise.race([next, patience]);
      if (result === "over") break;
      if (result.done) return { kind: "ended", parts };
      parts.push(result.value);
      next = reader.read();
    }
  } finally {
    waited.abort();
  }
  next.catch(() => {}); // told to whoever reads on

  const rest = new ReadableStream<T>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
    },
    async pull(controller) {
      const { done, value } = await next;
      if (done) return controller.close();
      controller.enqueue(value);
      next = reader.read();
      next.catch(() => {}); // as above
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { kind: "running", stream: rest };
}
