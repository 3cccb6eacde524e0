import { delay } from "@std/async/delay";
import { getLogger } from "@logtape/logtape";
import type { Engine } from "@/engines/engine.ts";
import { EngineError } from "@/errors.ts";

const logger = getLogger(["chatai", "engines"]);

/** Failures in a row after which an engine is asked no more. One that misses its deadline has made its caller wait: once is enough. */
const MAX_FAILURES = 3;

/** From the failure until the first probe, in ms, where the engine does not say. Each wait is twice the last. */
const FIRST_PROBE_MS = 5000;

/** Longest wait for a probe, in ms, whatever the engine says. */
const LONGEST_WAIT_MS = 60_000;

/** How long a probe may take, in ms. */
const PROBE_MS = 10_000;

/**
 * Watches one engine: after three failures in a row, or one missed deadline, or as soon as it says when it wants to
 * be asked again, it is left alone, and probed in the background until it answers. So no caller waits for a server
 * that is known to be down.
 */
export interface Circuit<E extends Engine> extends Disposable {
  /** Whom it watches. */
  readonly engine: E;
  /** Whether it is left alone. */
  open(): boolean;
  /** It did its work. */
  succeeded(): void;
  /**
   * It failed. A request that it refuses says nothing of the engine: one caller's must not count for all. An error
   * counts once, though several callers bring it: those who shared a run that failed.
   */
  failed(error: unknown): void;
}

/** A small piece of real work: resolves if the engine can do it. */
export type Probe<E extends Engine> = (engine: E, signal: AbortSignal) => Promise<unknown>;

/** What a test brings to wait less. */
export interface CircuitOptions {
  /** From the failure until the first probe, in ms. @default {5000} */
  readonly firstProbeMs?: number;
}

/** Begins to watch an engine. Disposing ends the probes, not the engine. */
export function createCircuit<E extends Engine>(
  engine: E,
  probe: Probe<E>,
  { firstProbeMs = FIRST_PROBE_MS }: CircuitOptions = {},
): Circuit<E> {
  const counted = new WeakSet<object>();
  let failures = 0;
  /** Ends the waits and the probes; there is one while the engine is left alone. */
  let alone: AbortController | undefined;
  let disposed = false;

  function close(): void {
    failures = 0;
    if (alone === undefined) return;
    alone.abort();
    alone = undefined;
    logger.info("Engine {engine} answers again", { engine: engine.name });
  }

  /** Waits and probes in turn, until the engine answers. Rejects once the signal aborts. */
  async function untilItAnswers(ms: number, signal: AbortSignal): Promise<void> {
    let wait = ms;
    let answered = false;
    while (!answered) {
      await delay(wait, { signal });
      try {
        await probe(engine, AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]));
        answered = true;
      } catch (error) {
        wait = waitAskedBy(error) ?? Math.min(2 * wait, LONGEST_WAIT_MS);
      }
      signal.throwIfAborted();
    }
  }

  function leaveAlone(ms: number): void {
    alone?.abort();
    alone = new AbortController();
    untilItAnswers(ms, alone.signal).then(close, () => {}); // it was aborted: there is nothing to wait for
  }

  return {
    engine,
    open: () => alone !== undefined,
    succeeded: close,
    failed(error) {
      const failure = error instanceof EngineError ? error.failure : "crashed";
      if (failure === "rejected") return;
      if (error instanceof Error) {
        if (counted.has(error)) return;
        counted.add(error);
      }
      failures += failure === "timeout" ? MAX_FAILURES : 1;
      const asked = waitAskedBy(error);
      if (disposed) return;
      if (asked === undefined && (failures < MAX_FAILURES || alone !== undefined)) return;
      if (alone === undefined) {
        logger.warn("Engine {engine} is left alone until it answers again: {error}", {
          engine: engine.name,
          error,
        });
      }
      leaveAlone(asked ?? firstProbeMs);
    },
    [Symbol.dispose]() {
      disposed = true;
      alone?.abort();
    },
  };
}

/** The ms for which an engine that failed asks to be left alone, as far as we let it. */
function waitAskedBy(error: unknown): number | undefined {
  if (!(error instanceof EngineError) || !error.retryAfterMs) return undefined;
  return Math.min(error.retryAfterMs, LONGEST_WAIT_MS);
}

/** Ends the probes. The engines themselves are for whoever loaded them to end. */
export function disposeCircuits(circuits: readonly Disposable[]): Promise<void> {
  for (const circuit of circuits) circuit[Symbol.dispose]();
  return Promise.resolve();
}
