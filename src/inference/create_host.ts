import type { JobHost, LoadModel } from "@/inference/host.ts";
import { createLocalHost } from "@/inference/local_host.ts";
import { createWorkerHost, type WorkerHostOptions } from "@/inference/worker_host.ts";

/** A model, and the two ways to run it. */
export interface HostOptions<Init, Job, Result> extends WorkerHostOptions<Init, Job> {
  /** Loads the model in the main isolate. A lazy import: with Workers its libraries are not needed here. */
  readonly load: () => Promise<LoadModel<Init, Job, Result>>;
}

/**
 * Runs a model in a Worker of its own, or in the main isolate where there may be no Workers (`workers` 0).
 *
 * @throws {EngineError} `unavailable` if the model cannot be loaded.
 */
export async function createHost<Init, Job, Result>(
  workers: number,
  { load, ...options }: HostOptions<Init, Job, Result>,
): Promise<JobHost<Job, Result>> {
  if (workers > 0) return await createWorkerHost(options);
  return await createLocalHost({ engine: options.engine, load: await load(), init: options.init });
}

/**
 * Runs a model in so many Workers, or once in the main isolate with 0 of them. Starts all, or none.
 *
 * @throws {EngineError} `unavailable` if the model cannot be loaded.
 */
export async function createHosts<Init, Job, Result>(
  workers: number,
  options: HostOptions<Init, Job, Result>,
): Promise<JobHost<Job, Result>[]> {
  const starts = await Promise.allSettled(
    Array.from({ length: Math.max(1, workers) }, () => createHost(workers, options)),
  );
  const failed = starts.find((one) => one.status === "rejected");
  const started = starts.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  if (failed === undefined) return started;
  await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
  throw failed.reason;
}
