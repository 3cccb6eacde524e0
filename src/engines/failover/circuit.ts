import { getLogger } from "@logtape/logtape";
import type { Engine } from "@/engines/engine.ts";

const logger = getLogger(["chatai", "engines"]);

/** Failures in a row after which an engine is asked no more. */
const MAX_FAILURES = 3;

/** Between two probes of an engine that failed, in ms: at first, and at most. Each wait is twice the last. */
const PROBE_EVERY_MS = { first: 5000, longest: 60_000 };

/** How long a probe may take, in ms. */
const PROBE_MS = 10_000;

/**
 * Watches one engine: after three failures in a row it is left alone, and asked in the background until it answers
 * again. So no caller waits for a server that is known to be down.
 */
export interface Circuit<E extends Engine> extends Disposable {
  /** Whom it watches. */
  readonly engine: E;
  /** Whether it is left alone. */
  open(): boolean;
  /** It did its work. */
  succeeded(): void;
  /** It failed; an abort does not count. */
  failed(error: unknown): void;
}

/** A small piece of real work: resolves if the engine can do it. */
export type Probe<E extends Engine> = (engine: E, signal: AbortSignal) => Promise<unknown>;

/** Begins to watch an engine. Disposing ends the probes, not the engine. */
export function createCircuit<E extends Engine>(engine: E, probe: Probe<E>): Circuit<E> {
  const disposed = new AbortController();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(): boolean {
    return timer !== undefined;
  }

  function close(): void {
    clearTimeout(timer);
    timer = undefined;
    failures = 0;
  }

  function schedule(ms: number): void {
    timer = setTimeout(async () => {
      const signal = AbortSignal.any([disposed.signal, AbortSignal.timeout(PROBE_MS)]);
      const answered = await probe(engine, signal).then(() => true, () => false);
      if (disposed.signal.aborted) return;
      if (!answered) return schedule(Math.min(2 * ms, PROBE_EVERY_MS.longest));
      close();
      logger.info("Engine {engine} answers again", { engine: engine.name });
    }, ms);
  }

  return {
    engine,
    open,
    succeeded() {
      failures = 0;
    },
    failed(error) {
      failures++;
      if (failures < MAX_FAILURES || open()) return;
      logger.warn("Engine {engine} is left alone until it answers again: {error}", {
        engine: engine.name,
        error,
      });
      schedule(PROBE_EVERY_MS.first);
    },
    [Symbol.dispose]() {
      disposed.abort();
      clearTimeout(timer);
    },
  };
}

/** Ends the probes. The engines themselves are for whoever loaded them to end. */
export function disposeCircuits(circuits: readonly Disposable[]): Promise<void> {
  for (const circuit of circuits) circuit[Symbol.dispose]();
  return Promise.resolve();
}
