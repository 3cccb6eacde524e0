/** How {@linkcode generatorStage} runs. */
export interface GeneratorStageOptions {
  /** Items made ahead of the reader: 0 starts with the first read. Small and finite. */
  readonly highWaterMark: number;
}

/**
 * A slow stage of a pipe chain: an async generator that is pulled for one item per read, where `enqueue` in a
 * loop inside `transform()` would make a thousand items for one read.
 *
 * It never waits for a generator that is stuck in an `await`: cancelling the readable and aborting the writable
 * take effect at once; the generator's source errors, its `return()` is called, and whatever it still says is
 * dropped. So the signal must go into the engine's call as well, or the engine's work goes on in the dark.
 * An error of either end or of the generator reaches both ends.
 *
 * @param fn called at the first pull, with the items written to the stage
 */
export function generatorStage<I, O>(
  fn: (source: ReadableStream<I>) => AsyncIterable<O>,
  { highWaterMark }: GeneratorStageOptions,
): ReadableWritablePair<O, I> {
  let input: WritableStreamDefaultController;
  let feed: ReadableStreamDefaultController<I>;
  let output: ReadableStreamDefaultController<O>;
  let items: AsyncIterator<O> | undefined;
  let ended = false;
  let sated = false;
  let wanted = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<void>();

  /** Lets everybody inside go at once, without waiting for anything. */
  function release(reason: unknown): void {
    ended = true;
    feed.error(reason);
    wanted.resolve();
    refused.resolve();
    items?.return?.().catch(() => {}); // nobody waits for its last words
  }

  /** Wants no more input. */
  function refuse(reason: unknown): void {
    input.error(reason);
    wanted.resolve();
    refused.resolve();
  }

  function end(reason: unknown): void {
    if (ended) return;
    input.error(reason);
    release(reason);
  }

  const source = new ReadableStream<I>({
    start(controller) {
      feed = controller;
    },
    pull() {
      wanted.resolve();
    },
    cancel() { // either it wants no more, or it fails: its next item tells
      sated = true;
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<I>({
    start(controller) {
      input = controller;
      controller.signal.addEventListener("abort", () => {
        if (ended) return;
        output.error(controller.signal.reason);
        release(controller.signal.reason);
      }, { once: true });
    },
    async write(item) {
      await wanted.promise;
      if (sated) await refused.promise;
      if (ended || sated) return;
      wanted = Promise.withResolvers();
      feed.enqueue(item);
    },
    close() {
      if (!ended && !sated) feed.close();
    },
  }, { highWaterMark: 1 });

  const readable = new ReadableStream<O>({
    start(controller) {
      output = controller;
    },
    async pull(controller) {
      try {
        items ??= fn(source)[Symbol.asyncIterator]();
        const { done, value } = await items.next();
        if (ended) return;
        if (sated) refuse(new TypeError("The stage reads no further"));
        if (!done) return controller.enqueue(value);
        controller.close();
        end(new TypeError("The stage has ended"));
      } catch (error) {
        if (ended) return;
        controller.error(error);
        end(error);
      }
    },
    cancel(reason) {
      end(reason);
    },
  }, { highWaterMark });

  return { readable, writable };
}
