import { abortable } from "@std/async/abortable";

/** One run of a source that several readers follow, each at its own pace and each from its beginning. */
export interface SharedRun<T> {
  /**
   * Yields all that the run yields. Rejects at once when `signal` aborts, and with the run's error when it fails.
   * The run goes on while anybody follows it.
   */
  follow(signal: AbortSignal): AsyncGenerator<T, void, void>;
}

/** What to run, and whom to tell. */
export interface SharedRunOptions<T> {
  /** Starts the source. The signal aborts when nobody follows any more. */
  readonly start: (signal: AbortSignal) => AsyncIterable<T>;
  /** Is told once when the run is over: complete, failed or aborted. */
  readonly ended: () => void;
}

/**
 * Shares one run of a source. It is pulled by its fastest reader, so that a slow one holds nobody up; what was
 * yielded is kept until the run is over. It starts with its first reader, and is aborted with its last.
 */
export function createSharedRun<T>({ start, ended }: SharedRunOptions<T>): SharedRun<T> {
  const controller = new AbortController();
  const source = start(controller.signal)[Symbol.asyncIterator]();
  const items: T[] = [];
  let state: "running" | "complete" | { readonly error: unknown } = "running";
  let pulling: Promise<void> | undefined;
  let followers = 0;

  function end(how: Exclude<typeof state, "running">): void {
    if (state !== "running") return;
    state = how;
    ended();
  }

  async function pull(): Promise<void> {
    try {
      const { done, value } = await source.next();
      if (done) end("complete");
      else items.push(value);
    } catch (error) {
      end({ error });
    } finally {
      pulling = undefined;
    }
  }

  function leave(): void {
    followers--;
    if (followers > 0 || state !== "running") return;
    controller.abort();
    end({ error: controller.signal.reason });
    source.return?.().catch(() => {}); // nobody is left to tell
  }

  return {
    async *follow(signal) {
      followers++;
      try {
        for (let index = 0;; index++) {
          while (index === items.length && state === "running") {
            await abortable(pulling ??= pull(), signal);
          }
          signal.throwIfAborted();
          if (index < items.length) yield items[index]!;
          else if (state === "complete") return;
          else throw (state as { readonly error: unknown }).error;
        }
      } finally {
        leave();
      }
    },
  };
}
