import { EngineError } from "@/errors.ts";
import { forgetQueue, type WatchedQueue, watchQueue } from "@/telemetry/backlog.ts";
import { inferenceRuns, queueWaits } from "@/telemetry/metrics.ts";

/**
 * Which job goes first, and which is dropped last: the text a turn waits for, its forecast, that of a recording, which
 * nobody listens to meanwhile, a preview.
 */
export type Priority = "final" | "eager" | "recording" | "partial";

const RANK: Readonly<Record<Priority, number>> = { final: 0, eager: 1, recording: 2, partial: 3 };

/** Nobody waits for them: what they make is made again. */
const GUESSES: readonly Priority[] = ["eager", "partial"];

/** How one job is to be done. */
export interface RunOptions {
  /** An aborted caller is released at once. A job that waits is taken out; one that runs, runs in vain. */
  readonly signal: AbortSignal;
  /** Read again whenever the next job is chosen, so that a getter lets a waiting job rise. */
  readonly priority: Priority;
}

/** Where the jobs of a {@linkcode JobQueue} are done, and how many may wait. */
export interface JobQueueOptions<Job, Result> {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** Does a batch; one result for each job, in order. Called again only when the last batch has settled. */
  readonly execute: (batch: readonly Job[]) => Promise<readonly Result[]>;
  /** Jobs in one batch, at most. */
  readonly maxBatch: number;
  /**
   * Batches handed over at once, at most: 2 keep the model at work while the results of the last batch are taken
   * in. All but the first go only when they are full. @default {1}
   */
  readonly maxRunning?: number;
  /** Jobs that may wait, at most. */
  readonly capacity: number;
  /** Ms from when a job was enqueued until its caller is told that it timed out. */
  readonly deadlineMs: number;
  /** Clock in ms. */
  readonly now?: () => number;
}

/** Jobs that wait for one model. */
export interface JobQueue<Job, Result> extends WatchedQueue {
  /**
   * Has a job done. Rejects with the signal's reason once it aborts, else with an `EngineError`: `timeout`,
   * `overloaded` when it had to make room (`displaced`, if nobody waited for it), or whatever failure the execution
   * of its batch met.
   */
  run(job: Job, options: RunOptions): Promise<Result>;
}

interface Entry<Job, Result> {
  readonly job: Job;
  readonly options: RunOptions;
  readonly enqueuedAt: number;
  readonly settled: PromiseWithResolvers<Result>;
  readonly release: () => void;
}

/**
 * A queue before a model that does one batch at a time. Batches are never waited for: one is whatever waits
 * when the model is free. Deadlines count from when a job was enqueued, so a queue that is too long shows.
 * When more than `capacity` jobs wait, the least urgent of them makes room, the newest among equals.
 */
export function createJobQueue<Job, Result>(
  {
    engine,
    execute,
    maxBatch,
    maxRunning = 1,
    capacity,
    deadlineMs,
    now = () => performance.now(),
  }: JobQueueOptions<Job, Result>,
): JobQueue<Job, Result> {
  let waiting: Entry<Job, Result>[] = [];
  const running = new Set<readonly Entry<Job, Result>[]>();
  /** Those not yet told how they ended, oldest first: a running job may be long released. */
  const open = new Set<Entry<Job, Result>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function close(entry: Entry<Job, Result>): boolean {
    if (!open.delete(entry)) return false;
    entry.options.signal.removeEventListener("abort", entry.release);
    if (open.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    }
    return true;
  }

  function reject(entry: Entry<Job, Result>, error: unknown): void {
    if (!close(entry)) return;
    waiting = waiting.filter((other) => other !== entry);
    tellBacklog();
    entry.settled.reject(error);
  }

  function tellBacklog(): void {
    if (queue.depth() === 0) forgetQueue(queue);
    else watchQueue(queue);
  }

  function watchDeadlines(): void {
    const [oldest] = open;
    if (timer !== undefined || oldest === undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      for (const entry of [...open]) {
        if (now() - entry.enqueuedAt < deadlineMs) break;
        const message = `${engine} did not answer within ${deadlineMs} ms`;
        reject(entry, new EngineError(message, { engine, failure: "timeout" }));
      }
      watchDeadlines();
    }, Math.max(1, oldest.enqueuedAt + deadlineMs - now()));
  }

  function makeRoom(): void {
    if (waiting.length <= capacity) return;
    const least = waiting.reduce((a, b) => rank(b) >= rank(a) ? b : a);
    const failure = GUESSES.includes(least.options.priority) ? "displaced" : "overloaded";
    reject(least, new EngineError(`${engine} has more work than it can do`, { engine, failure }));
  }

  function mayRun(): boolean {
    if (running.size === 0) return waiting.length > 0;
    return running.size < maxRunning && waiting.length >= maxBatch;
  }

  async function work(): Promise<void> {
    while (mayRun()) {
      waiting.sort((a, b) => rank(a) - rank(b));
      const batch = waiting.splice(0, maxBatch);
      running.add(batch);
      const startedAt = now();
      for (const { enqueuedAt } of batch) {
        queueWaits.observe({ engine }, (startedAt - enqueuedAt) / 1000);
      }
      try {
        const results = await execute(batch.map((entry) => entry.job));
        batch.forEach((entry, i) => {
          if (close(entry)) entry.settled.resolve(results[i] as Result);
        });
      } catch (error) {
        for (const entry of batch) reject(entry, error);
      }
      running.delete(batch);
      inferenceRuns.observe({ engine }, (now() - startedAt) / 1000);
      tellBacklog();
    }
  }

  const queue: JobQueue<Job, Result> = {
    engine,
    run(job, options) {
      const { signal } = options;
      if (signal.aborted) return Promise.reject(signal.reason);
      const entry: Entry<Job, Result> = {
        job,
        options,
        enqueuedAt: now(),
        settled: Promise.withResolvers(),
        release: () => reject(entry, signal.reason),
      };
      signal.addEventListener("abort", entry.release, { once: true });
      open.add(entry);
      waiting.push(entry);
      tellBacklog();
      watchDeadlines();
      void work();
      makeRoom();
      return entry.settled.promise;
    },
    depth: () => [...running].reduce((sum, batch) => sum + batch.length, waiting.length),
    age() {
      const ofTurns = waiting.filter(({ options }) => options.priority !== "recording");
      return ofTurns.length === 0 ? 0 : now() - Math.min(...ofTurns.map((e) => e.enqueuedAt));
    },
  };
  return queue;
}

function rank(entry: { readonly options: RunOptions }): number {
  return RANK[entry.options.priority];
}
