import { EngineError, type EngineFailure } from "@/errors.ts";
import type { LoadModel } from "@/inference/host.ts";

/** What the main isolate tells a Worker: first `load`, then one job after another. */
export type WorkerRequest<Init, Job> =
  | { readonly kind: "load"; readonly init: Init }
  | { readonly kind: "job"; readonly job: Job };

/** What a Worker answers to each request, exactly once. */
export type WorkerReply<Result> =
  | { readonly kind: "loaded" }
  | { readonly kind: "result"; readonly result: Result }
  /** The model refused the job, and lives on. */
  | {
    readonly kind: "refused";
    readonly message: string;
    readonly engine: string;
    readonly failure: EngineFailure;
  }
  /** The model cannot be loaded, or broke under the job. */
  | { readonly kind: "broken"; readonly message: string };

interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** How {@linkcode serveJobs} answers. */
export interface ServeJobsOptions<Result> {
  /** Buffers of a result that move to the main isolate instead of being copied. */
  readonly transfer?: (result: Result) => Transferable[];
}

/** The whole of a Worker's entry: loads a model, then runs the jobs a `createWorkerHost` sends. */
export function serveJobs<Init, Job, Result>(
  load: LoadModel<Init, Job, Result>,
  { transfer = () => [] }: ServeJobsOptions<Result> = {},
): void {
  const scope = globalThis as unknown as WorkerScope;
  let run: Awaited<ReturnType<typeof load>> | undefined;

  function reply(message: WorkerReply<Result>): void {
    scope.postMessage(message, message.kind === "result" ? transfer(message.result) : []);
  }

  async function answer(request: WorkerRequest<Init, Job>): Promise<WorkerReply<Result>> {
    try {
      if (request.kind === "load") {
        run = await load(request.init);
        return { kind: "loaded" };
      }
      if (run === undefined) throw new Error("a job came before the model was loaded");
      return { kind: "result", result: await run(request.job) };
    } catch (error) {
      if (error instanceof EngineError) {
        const { message, engine, failure } = error;
        return { kind: "refused", message, engine, failure };
      }
      return { kind: "broken", message: error instanceof Error ? error.message : String(error) };
    }
  }

  scope.onmessage = async (event: MessageEvent<WorkerRequest<Init, Job>>) => {
    reply(await answer(event.data));
  };
}
