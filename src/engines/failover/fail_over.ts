import { getLogger } from "@logtape/logtape";
import type { Engine, RequestOptions } from "@/engines/engine.ts";
import type { Circuit, CircuitOptions } from "@/engines/failover/circuit.ts";
import { EngineError, type EngineFailure } from "@/errors.ts";

const logger = getLogger(["chatai", "engines"]);

/** What a test of a failover list brings to wait less. */
export interface FailoverOptions extends CircuitOptions {
  /** See {@linkcode Work}. @default {that of the kind} */
  readonly deadlineMs?: number;
}

/** One piece of work, and when another engine may still take it over. */
export interface Work<E extends Engine, Part> extends RequestOptions {
  /** Asks one engine. Asked again of the next one if that fails. */
  readonly ask: (engine: E, signal: AbortSignal) => AsyncIterable<Part>;
  /** Whether this part binds the work to its engine: what the user has seen or heard cannot be done over. */
  readonly binds: (part: Part) => boolean;
  /** Whether this part shows that its engine works; one from a cache does not. @default {every part does} */
  readonly proves?: (part: Part) => boolean;
  /** How long an engine may take until it yields a part that binds, in ms, unless it has a deadline of its own. */
  readonly deadlineMs: number;
  /** When the deadline begins to count: at once by default. */
  readonly deadlineFrom?: Promise<unknown>;
  /** Is told of every engine that fails. */
  readonly onFailure?: (engine: E) => void;
  /** What to yield in place of the rest where an engine fails that is bound; by default its error is thrown. */
  readonly broken?: (engine: E) => Part;
}

/**
 * Does a piece of work with the first engine that can. An engine has one try, with a deadline; nothing is retried.
 *
 * @throws {EngineError} If none can, or the one that began breaks off.
 * @throws The signal's reason, promptly, once it aborts.
 */
export async function* failOver<E extends Engine, Part>(
  circuits: readonly Circuit<E>[],
  work: Work<E, Part>,
): AsyncGenerator<Part> {
  const { signal, onSwitch, onFailure, broken, proves = () => true } = work;
  const candidates = inOrder(circuits);
  const failures: EngineError[] = [];
  for (const [i, circuit] of candidates.entries()) {
    const { engine } = circuit;
    let bound = false;
    let proven = false;
    try {
      for await (const part of tryOut(engine, work)) {
        bound ||= work.binds(part);
        proven ||= proves(part);
        yield part;
      }
      if (proven) circuit.succeeded();
      return;
    } catch (error) {
      signal.throwIfAborted();
      circuit.failed(error);
      onFailure?.(engine);
      failures.push(toEngineError(error, engine));
      const next = candidates[i + 1]?.engine;
      if (next !== undefined && (!bound || broken !== undefined)) {
        logger.warn("{to} takes over from {from}: {error}", {
          to: next.name,
          from: engine.name,
          error,
        });
        onSwitch?.({ from: engine.name, to: next.name, error });
      }
      if (!bound) continue;
      if (broken === undefined) throw failures.at(-1);
      yield broken(engine);
      return;
    }
  }
  throw noneLeft(failures);
}

/** Those that work before those that are left alone: when all are down, all are tried. */
function inOrder<E extends Engine>(circuits: readonly Circuit<E>[]): Circuit<E>[] {
  return [
    ...circuits.filter((circuit) => !circuit.open()),
    ...circuits.filter((circuit) => circuit.open()),
  ];
}

/** One engine's try, ended by a timeout of its own. */
async function* tryOut<E extends Engine, Part>(
  engine: E,
  { ask, binds, deadlineFrom = Promise.resolve(), signal, ...work }: Work<E, Part>,
): AsyncGenerator<Part> {
  const { deadlineMs = work.deadlineMs } = engine;
  const attempt = new AbortController();
  const forward = () => attempt.abort(signal.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = true;

  function stopWaiting(): void {
    waiting = false;
    clearTimeout(timer);
  }

  void deadlineFrom.then(() => {
    if (!waiting) return;
    timer = setTimeout(() => {
      attempt.abort(
        new EngineError(`${engine.name} did not answer within ${deadlineMs} ms`, {
          engine: engine.name,
          failure: "timeout",
        }),
      );
    }, deadlineMs);
  });
  signal.addEventListener("abort", forward, { once: true });
  if (signal.aborted) forward();
  try {
    for await (const part of ask(engine, attempt.signal)) {
      if (binds(part)) stopWaiting();
      yield part;
    }
  } finally {
    stopWaiting();
    signal.removeEventListener("abort", forward);
  }
}

function toEngineError(error: unknown, { name }: Engine): EngineError {
  return error instanceof EngineError
    ? error
    : new EngineError(`${name} failed`, { engine: name, failure: "crashed", cause: error });
}

function noneLeft(failures: readonly EngineError[]): EngineError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const same = failures.every(({ failure }) => failure === first?.failure);
  const failure: EngineFailure = same && first !== undefined ? first.failure : "unavailable";
  const each = failures.map((each) => `${each.engine}: ${each.failure}`).join(", ");
  return new EngineError(`No engine could do it (${each})`, {
    engine: failures.map(({ engine }) => engine).join(","),
    failure,
    cause: new AggregateError(failures),
  });
}
