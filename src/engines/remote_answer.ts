import { abortable, delay } from "@std/async";
import { EngineError } from "@/errors.ts";

/** How long a remote engine may keep its caller waiting. */
export interface Patience {
  /**
   * Until it has begun to answer, in ms: it was reached, took the request and sent the answer's headers. Some
   * servers send them only with the first part.
   */
  readonly connectMs: number;
  /** Until the first part of the answer, and from each to the next, in ms. */
  readonly partMs: number;
}

/** A question to a server, as {@linkcode remoteAnswer} puts it. */
export interface RemoteQuestion<Part> {
  /** The engine's name. */
  readonly engine: string;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
  readonly patience: Patience;
  /**
   * Asks; resolves once the answer has begun. The signal is this question's own: it aborts whenever the answer is
   * not wanted any more, for whatever reason, and must close the connection.
   */
  readonly ask: (signal: AbortSignal) => Promise<AsyncIterable<Part>>;
  /** What an error of `ask` or of the answer means. */
  readonly explain: (error: unknown) => EngineError;
}

/**
 * Reads the answer of a server, part by part. Never waits longer than its patience allows, and releases an aborted
 * caller at once, whether or not the library below notices; the connection is closed in either case, and when the
 * reader stops.
 *
 * @throws {EngineError} `timeout` when its patience ends, or what `explain` makes of an error.
 * @throws the signal's reason, once it aborts.
 */
export async function* remoteAnswer<Part>(
  { engine, signal, patience, ask, explain }: RemoteQuestion<Part>,
): AsyncGenerator<Part> {
  signal.throwIfAborted();
  const over = new AbortController();

  async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
    const kept = new AbortController();
    const expired = delay(ms, { signal: kept.signal }).then(() => {
      throw new EngineError(`${engine} kept its caller waiting for ${ms} ms`, {
        engine,
        failure: "timeout",
      });
    });
    try {
      return await abortable(Promise.race([promise, expired]), signal);
    } finally {
      kept.abort();
    }
  }

  try {
    const answer = await within(
      ask(AbortSignal.any([signal, over.signal])),
      patience.connectMs,
    );
    const parts = answer[Symbol.asyncIterator]();
    while (true) {
      const { done, value } = await within(parts.next(), patience.partMs);
      if (done) return;
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof EngineError ? error : explain(error);
  } finally {
    over.abort();
  }
}
