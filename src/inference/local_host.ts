import { delay } from "@std/async";
import { EngineError } from "@/errors.ts";
import { type Instance, InstanceDied, type JobHost, type LoadModel } from "@/inference/host.ts";
import { supervise } from "@/inference/supervise.ts";

/** What runs in the main isolate. */
export interface LocalHostOptions<Init, Job, Result> {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** Loads the model, also in place of one that broke. */
  readonly load: LoadModel<Init, Job, Result>;
  /** Handed to `load`. */
  readonly init: Init;
}

/**
 * Runs a model in the main isolate, for hosts without Workers (`INFERENCE_WORKERS=0`): the same jobs, one at
 * a time, with a turn of the event loop between them. Everything else waits while a job runs.
 */
export function createLocalHost<Init, Job, Result>(
  { engine, load, init }: LocalHostOptions<Init, Job, Result>,
): Promise<JobHost<Job, Result>> {
  async function start(): Promise<Instance<Job, Result>> {
    const model = await load(init);
    let broken = false;
    return {
      alive: () => !broken,
      async run(job) {
        await delay(0);
        try {
          return await model(job);
        } catch (error) {
          if (error instanceof EngineError) throw error;
          broken = true;
          throw new InstanceDied(error instanceof Error ? error.message : String(error));
        }
      },
    };
  }

  return supervise({ engine, start });
}
