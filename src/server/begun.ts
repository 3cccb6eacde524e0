/**
 * Waits for a stream's first part, so that what fails before it can still be answered with a status.
 *
 * @returns the same stream, all of it
 * @throws what the stream fails with, if it does so before its first part
 */
export async function begun<T>(stream: ReadableStream<T>): Promise<ReadableStream<T>> {
  const reader = stream.getReader();
  let first: ReadableStreamReadResult<T> | undefined = await reader.read();

  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = first ?? await reader.read();
      first = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
