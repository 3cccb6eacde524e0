import { join } from "node:path";
import { type AudioFrame, FRAME_SAMPLES } from "@/audio/frame.ts";
import type { Config } from "@/config.ts";
import type { SpeechProbability, VoiceActivityDetector } from "@/engines/vad/engine.ts";
import type { SileroAnswer, SileroBatch } from "@/engines/vad/silero_model.ts";
import { EngineError } from "@/errors.ts";
import type { JobHost } from "@/inference/host.ts";
import { createJobQueue, type JobQueue } from "@/inference/job_queue.ts";
import { createLocalHost } from "@/inference/local_host.ts";
import { createWorkerHost } from "@/inference/worker_host.ts";

const CONTEXT_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + FRAME_SAMPLES;
const LAYER_FLOATS = 128;

/** More in one run block the Worker for longer than they save: 64 streams take 20 ms. */
const MAX_BATCH = 16;

/** Streams whose frame may wait: far above what one core can hear. */
const CAPACITY = 1024;

/** Frames come every 32 ms; whoever waits this long is deaf anyway. Leaves time to replace a Worker. */
const DEADLINE_MS = 5000;

/** One frame of one stream, with all that the model must remember of it. */
interface SileroJob {
  readonly input: Float32Array<ArrayBuffer>;
  readonly state: Float32Array<ArrayBuffer>;
}

interface SileroResult {
  readonly probability: number;
  readonly state: Float32Array<ArrayBuffer>;
}

/** Silero VAD v6 in a Worker of its own, or in the main isolate with `inferenceWorkers` 0. */
export async function createSilero(
  { modelsDir, inferenceWorkers }: Pick<Config, "modelsDir" | "inferenceWorkers">,
): Promise<VoiceActivityDetector> {
  const init = { path: join(modelsDir, "silero", "silero_vad_v6.onnx") };
  return sileroOver(
    inferenceWorkers === 0
      ? await createLocalHost({
        engine: "silero",
        load: (await import("@/engines/vad/silero_model.ts")).loadSilero,
        init,
      })
      : await createWorkerHost({
        engine: "silero",
        url: new URL("./silero_worker.ts", import.meta.url),
        init,
        read: [init.path],
        transfer: ({ inputs, state }: SileroBatch) => [inputs.buffer, state.buffer],
      }),
  );
}

/**
 * Silero over a host that runs its model. Whatever frames wait when the model is free are one run, which
 * gives the very probabilities that single runs give. A stream's memory stays on this side, so that a frame
 * whose Worker died is simply run again.
 */
export function sileroOver(host: JobHost<SileroBatch, SileroAnswer>): VoiceActivityDetector {
  const queue = createJobQueue<SileroJob, SileroResult>({
    engine: "silero",
    execute: async (jobs) => unpack(await host.run(pack(jobs)), jobs.length),
    maxBatch: MAX_BATCH,
    capacity: CAPACITY,
    deadlineMs: DEADLINE_MS,
  });

  return {
    name: "silero",
    listen: ({ signal }) => listen(queue, signal),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

function listen(queue: JobQueue<SileroJob, SileroResult>, signal: AbortSignal): SpeechProbability {
  const options = { signal, priority: "final" } as const;
  let context = new Float32Array(CONTEXT_SAMPLES);
  let state = new Float32Array(2 * LAYER_FLOATS);

  return async (frame: AudioFrame) => {
    const input = new Float32Array(INPUT_SAMPLES);
    input.set(context);
    input.set(frame, CONTEXT_SAMPLES);
    const job = { input, state };
    const result = await queue.run(job, options).catch((error) => {
      if (!(error instanceof EngineError && error.failure === "crashed")) throw error;
      return queue.run(job, options);
    });
    context = input.slice(-CONTEXT_SAMPLES);
    state = result.state;
    return result.probability;
  };
}

function pack(jobs: readonly SileroJob[]): SileroBatch {
  const inputs = new Float32Array(jobs.length * INPUT_SAMPLES);
  const state = new Float32Array(2 * jobs.length * LAYER_FLOATS);
  jobs.forEach((job, i) => {
    inputs.set(job.input, i * INPUT_SAMPLES);
    state.set(job.state.subarray(0, LAYER_FLOATS), i * LAYER_FLOATS);
    state.set(job.state.subarray(LAYER_FLOATS), (jobs.length + i) * LAYER_FLOATS);
  });
  return { inputs, state };
}

function unpack({ probabilities, state }: SileroAnswer, streams: number): SileroResult[] {
  return Array.from({ length: streams }, (_, i) => {
    const own = new Float32Array(2 * LAYER_FLOATS);
    own.set(state.subarray(i * LAYER_FLOATS, (i + 1) * LAYER_FLOATS));
    own.set(
      state.subarray((streams + i) * LAYER_FLOATS, (streams + i + 1) * LAYER_FLOATS),
      LAYER_FLOATS,
    );
    return { probability: probabilities[i]!, state: own };
  });
}
