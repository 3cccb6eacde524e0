/** A stream that is read once and can be heard any number of times, each time from its beginning. */
export interface Recording<T> {
  /** All that came and all that comes, and the source's error behind it. Cancelling it ends this replay alone. */
  replay(): ReadableStream<T>;
  /** Settles when the source has ended, failed or been let go. Never rejects. */
  readonly ended: Promise<void>;
  /** Aborts if the source fails, with its error. */
  readonly failed: AbortSignal;
  /** Lets the source go. */
  cancel(reason: unknown): void;
}

/** Reads a stream as it arrives, and keeps all of it. */
export function record<T>(source: ReadableStream<T>): Recording<T> {
  const reader = source.getReader();
  const kept: T[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const failure = new AbortController();
  let over = false;
  let arrival = Promise.withResolvers<void>();

  async function keep(): Promise<void> {
    try {
      for (let r = await reader.read(); !r.done; r = await reader.read()) {
        kept.push(r.value);
        wake();
      }
    } catch (error) {
      if (!over) failure.abort(error);
    }
    stop();
  }

  function stop(): void {
    over = true;
    reader.releaseLock(); // before a cancel, so that a pending read rejects instead of telling of an end
    wake();
    end();
  }

  function wake(): void {
    const { resolve } = arrival;
    arrival = Promise.withResolvers();
    resolve();
  }

  void keep();
  return {
    ended,
    failed: failure.signal,
    replay() {
      let next = 0;
      return new ReadableStream<T>({
        async pull(controller) {
          while (next === kept.length && !over) await arrival.promise;
          if (next < kept.length) return controller.enqueue(kept[next++]!);
          if (failure.signal.aborted) controller.error(failure.signal.reason);
          else controller.close();
        },
      }, { highWaterMark: 0 });
    },
    cancel(reason) {
      if (over) return;
      stop();
      source.cancel(reason).catch(() => {}); // an errored stream says so again
    },
  };
}
