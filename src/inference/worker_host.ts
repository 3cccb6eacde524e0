import { EngineError } from "@/errors.ts";
import { type Instance, InstanceDied, type JobHost } from "@/inference/host.ts";
import type { WorkerReply, WorkerRequest } from "@/inference/serve_jobs.ts";
import { supervise } from "@/inference/supervise.ts";

/** Our own code, which a Worker must be able to read to start at all. */
const CODE = new URL("../", import.meta.url);

/** A Worker this long without an answer is taken for dead: one can end without any event. */
const SILENCE_MS = 60_000;

/** What runs in the Worker. */
export interface WorkerHostOptions<Init, Job> {
  /** The engine's name, for errors. */
  readonly engine: string;
  /** Module of the Worker: one call of `serveJobs`. */
  readonly url: URL;
  /** Handed to the model's `LoadModel` in the Worker; also when a crashed Worker is replaced. */
  readonly init: Init;
  /** Files and folders the Worker may read, besides our own code. It may do nothing else. */
  readonly read?: readonly string[];
  /** Buffers of a job that move to the Worker instead of being copied. */
  readonly transfer?: (job: Job) => Transferable[];
}

/**
 * Runs a model in a Worker of its own with no permission but to read. A Worker that dies is replaced, and
 * only the job it ran is lost. Resolves once the model is loaded; rejects with an `EngineError`
 * (`unavailable`) that says why it cannot be.
 */
export function createWorkerHost<Init, Job, Result>(
  options: WorkerHostOptions<Init, Job>,
): Promise<JobHost<Job, Result>> {
  return supervise({
    engine: options.engine,
    start: (signal) => startWorker<Init, Job, Result>(options, signal),
  });
}

async function startWorker<Init, Job, Result>(
  { url, init, read = [], transfer = () => [] }: WorkerHostOptions<Init, Job>,
  signal: AbortSignal,
): Promise<Instance<Job, Result>> {
  const worker = new Worker(url, {
    type: "module",
    deno: {
      permissions: {
        read: [CODE, ...read],
        write: false,
        net: false,
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
  let pending: PromiseWithResolvers<WorkerReply<Result>> | undefined;
  let death: InstanceDied | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function end(message: string): void {
    death ??= new InstanceDied(message);
    clearTimeout(silence);
    signal.removeEventListener("abort", close);
    worker.terminate();
    pending?.reject(death);
    pending = undefined;
  }

  function close(): void {
    end("it was closed");
  }

  signal.addEventListener("abort", close, { once: true });
  worker.onmessage = ({ data }: MessageEvent<WorkerReply<Result>>) => {
    clearTimeout(silence);
    pending?.resolve(data);
    pending = undefined;
  };
  worker.onmessageerror = () => end("its answer cannot be read");
  worker.onerror = (event) => {
    event.preventDefault(); // or it ends the whole process
    end(event.message);
  };

  function ask(
    request: WorkerRequest<Init, Job>,
    moved: Transferable[],
  ): Promise<WorkerReply<Result>> {
    if (death) return Promise.reject(death);
    pending = Promise.withResolvers();
    silence = setTimeout(() => end("it does not answer"), SILENCE_MS);
    worker.postMessage(request, moved);
    return pending.promise;
  }

  const loaded = await ask({ kind: "load", init }, []);
  if (loaded.kind !== "loaded") {
    end("it could not be loaded");
    if (loaded.kind === "refused") throw new EngineError(loaded.message, loaded);
    throw new Error(loaded.kind === "broken" ? loaded.message : "it answered out of turn");
  }

  return {
    alive: () => death === undefined,
    async run(job) {
      const answer = await ask({ kind: "job", job }, transfer(job));
      if (answer.kind === "result") return answer.result;
      if (answer.kind === "refused") throw new EngineError(answer.message, answer);
      end(answer.kind === "broken" ? answer.message : "it answered out of turn");
      throw death;
    },
  };
}
