import { join } from "node:path";
import type { AudioFrame } from "@/audio/frame.ts";
import type { Config } from "@/config.ts";
import type { SpeechProbability, VoiceActivityDetector } from "@/engines/vad/engine.ts";
import {
  CONTEXT_SAMPLES,
  INPUT_SAMPLES,
  pack,
  type SileroAnswer,
  type SileroBatch,
  type SileroJob,
  type SileroResult,
  STATE_FLOATS,
  unpack,
} from "@/engines/vad/silero_batch.ts";
import { EngineError } from "@/errors.ts";
import { createHost } from "@/inference/create_host.ts";
import type { JobHost } from "@/inference/host.ts";
import { createJobQueue, type JobQueue } from "@/inference/job_queue.ts";

/** More in one run block the Worker for longer than they save: 64 streams take 20 ms. */
const MAX_BATCH = 16;

/** Streams whose frame may wait: far above what one core can hear. */
const CAPACITY = 1024;

/** Frames come every 32 ms; whoever waits this long is deaf anyway. Leaves time to replace a Worker. */
const DEADLINE_MS = 5000;

/** Silero VAD v6 in a Worker of its own, or in the main isolate with `inferenceWorkers` 0. */
export async function createSilero(
  { modelsDir, inferenceWorkers }: Pick<Config, "modelsDir" | "inferenceWorkers">,
): Promise<VoiceActivityDetector> {
  const init = { path: join(modelsDir, "silero", "silero_vad_v6.onnx") };
  return sileroOver(
    await createHost(inferenceWorkers, {
      engine: "silero",
      url: new URL("./silero_worker.ts", import.meta.url),
      load: async () => (await import("@/engines/vad/silero_model.ts")).loadSilero,
      init,
      read: [init.path],
      transfer: ({ inputs, state }) => [inputs.buffer, state.buffer],
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
    maxRunning: 2,
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
  let state = new Float32Array(STATE_FLOATS);

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
