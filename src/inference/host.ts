/** Runs jobs of one model, one at a time, and replaces the model's process should it die. */
export interface JobHost<Job, Result> extends AsyncDisposable {
  /**
   * Runs a job. A call made while another job runs waits its turn, first come first served; whoever needs
   * priorities, deadlines or aborts puts a `createJobQueue` before the host.
   *
   * Rejects with an `EngineError`: `crashed` if the model died under this job, `unavailable` if it died and
   * cannot be replaced for now or the host was disposed of, otherwise what the model itself threw.
   */
  run(job: Job): Promise<Result>;
}

/** A loaded model: runs one job. Throws an `EngineError` to refuse a job; anything else means it is broken. */
export type Model<Job, Result> = (job: Job) => Promise<Result> | Result;

/** Loads a model, warm: the first job must be as fast as any other. `init` must be structured-cloneable. */
export type LoadModel<Init, Job, Result> = (init: Init) => Promise<Model<Job, Result>>;

/** A running copy of a model, which a host may have to replace. */
export interface Instance<Job, Result> {
  /** Rejects with an {@linkcode InstanceDied} if the instance is no more; with an `EngineError` if it lives on. */
  run(job: Job): Promise<Result>;
  /** False once it has died, perhaps with no job at work. */
  alive(): boolean;
}

/** A model died; its instance is of no further use. */
export class InstanceDied extends Error {
  /** Always `"InstanceDied"`. */
  override readonly name = "InstanceDied";
}
