import { getLogger } from "@logtape/logtape";
import { EngineError } from "@/errors.ts";
import { type Instance, InstanceDied, type JobHost } from "@/inference/host.ts";

const logger = getLogger(["chatai", "engines"]);

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;

/** What to keep alive. */
export interface SuperviseOptions<Job, Result> {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** Starts an instance; resolves once it is loaded. It ends with `signal`, loaded or not. */
  readonly start: (signal: AbortSignal) => Promise<Instance<Job, Result>>;
  /** Clock in ms. */
  readonly now?: () => number;
}

/**
 * Keeps one instance of a model alive. The first death is mended at once; if the replacement dies before it
 * has done a job, the next is started only after a pause, 0.5 s at first, doubling to 30 s. Within the pause
 * jobs are refused at once, so that failover need not wait.
 *
 * Resolves once the first instance is loaded; rejects with an `EngineError` (`unavailable`) if it cannot be.
 */
export async function supervise<Job, Result>(
  { engine, start, now = () => performance.now() }: SuperviseOptions<Job, Result>,
): Promise<JobHost<Job, Result>> {
  const life = new AbortController();
  let current = start(life.signal);
  let failures = 0;
  let retryAt = 0;
  let last: Promise<unknown> = Promise.resolve();

  function unavailable(message: string, cause?: unknown): EngineError {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    return new EngineError(`${engine}: ${message}${why}`, {
      engine,
      failure: "unavailable",
      cause,
    });
  }

  function restart(): void {
    current = start(life.signal);
    current.catch(() => {}); // told to the next job
  }

  function replace(): void {
    failures++;
    logger.warn("{engine} died; deaths since its last job: {failures}", {
      engine,
      failures,
    });
    if (failures === 1) restart();
    else retryAt = now() + Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 2), LONGEST_BACKOFF_MS);
  }

  async function instance(): Promise<Instance<Job, Result>> {
    if (life.signal.aborted) throw unavailable("it is closed");
    if (failures > 1) {
      if (now() < retryAt) throw unavailable("it keeps crashing; a new start is due");
      retryAt = Infinity;
      restart();
    }
    try {
      const loaded = await current;
      if (loaded.alive()) return loaded;
    } catch (error) {
      if (life.signal.aborted) throw unavailable("it is closed");
      replace();
      throw unavailable("its replacement cannot be loaded", error);
    }
    replace();
    return instance();
  }

  async function attempt(job: Job): Promise<Result> {
    const running = await instance();
    try {
      const result = await running.run(job);
      failures = 0;
      return result;
    } catch (error) {
      if (!(error instanceof InstanceDied)) {
        failures = 0;
        throw error;
      }
      if (life.signal.aborted) throw unavailable("it was closed in the middle of a job");
      replace();
      throw new EngineError(`${engine} crashed: ${error.message}`, {
        engine,
        failure: "crashed",
        cause: error,
      });
    }
  }

  try {
    await current;
  } catch (error) {
    throw error instanceof EngineError ? error : unavailable("it cannot be loaded", error);
  }

  return {
    run(job) {
      const result = last.then(() => attempt(job));
      last = result.catch(() => {});
      return result;
    },
    async [Symbol.asyncDispose]() {
      life.abort();
      await last;
    },
  };
}
