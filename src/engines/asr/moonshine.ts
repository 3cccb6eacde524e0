import { getLogger } from "@logtape/logtape";
import llamaTokenizer from "llama-tokenizer-js";
import { join } from "node:path";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { Config } from "@/config.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import type { MoonshineAnswer, MoonshineJob } from "@/engines/asr/moonshine_model.ts";
import { findLoop } from "@/engines/asr/repetition.ts";
import type { SegmentOptions } from "@/engines/asr/runs.ts";
import { EngineError } from "@/errors.ts";
import type { JobHost } from "@/inference/host.ts";
import { createJobQueue, type JobQueue } from "@/inference/job_queue.ts";
import { createLocalHost } from "@/inference/local_host.ts";
import { createWorkerHost } from "@/inference/worker_host.ts";

/** English has at most this many tokens a second; more means the model rambles. */
const TOKENS_PER_SECOND = 6.5;
const SPARE_TOKENS = 6;

/** Runs of one Worker that may wait for their next step. */
const CAPACITY = 64;

/** Nobody waits longer for an answer. */
const DEADLINE_MS = 15_000;

/** One Worker: a run's steps all go to the one that began it. */
interface Lane {
  readonly host: JobHost<MoonshineJob, MoonshineAnswer>;
  readonly queue: JobQueue<MoonshineJob, MoonshineAnswer>;
  runs: number;
}

/** Moonshine tiny, English only, in `inferenceWorkers` Workers, or in the main isolate with 0 of them. */
export async function createMoonshine(
  { modelsDir, inferenceWorkers, language }: Pick<
    Config,
    "modelsDir" | "inferenceWorkers" | "language"
  >,
): Promise<SpeechRecogniser> {
  if (!/^en\b/i.test(language)) {
    getLogger(["chatai", "asr"]).warn(
      "The embedded recogniser understands English only, and LANGUAGE is {language}. " +
        "Set OPENAI_API_KEY or ASR_BASE_URL for one that speaks it.",
      { language },
    );
  }
  const init = {
    encoder: join(modelsDir, "moonshine", "encoder_model.onnx"),
    decoder: join(modelsDir, "moonshine", "decoder_model_merged.onnx"),
  };
  const hosts = inferenceWorkers === 0
    ? [
      await createLocalHost({
        engine: "moonshine",
        load: (await import("@/engines/asr/moonshine_model.ts")).loadMoonshine,
        init,
      }),
    ]
    : await startAll(
      inferenceWorkers,
      () =>
        createWorkerHost<typeof init, MoonshineJob, MoonshineAnswer>({
          engine: "moonshine",
          url: new URL("./moonshine_worker.ts", import.meta.url),
          init,
          read: Object.values(init),
        }),
    );
  return moonshineOver(hosts);
}

/** Moonshine over hosts that each run its model. */
export function moonshineOver(
  hosts: readonly JobHost<MoonshineJob, MoonshineAnswer>[],
): SpeechRecogniser {
  const lanes = hosts.map((host): Lane => ({
    host,
    queue: createJobQueue({
      engine: "moonshine",
      execute: async ([job]) => [await host.run(job!)],
      maxBatch: 1,
      capacity: CAPACITY,
      deadlineMs: DEADLINE_MS,
    }),
    runs: 0,
  }));

  return fromSegments({
    name: "moonshine",
    async recognise(samples, options) {
      const lane = lanes.reduce((a, b) => b.runs < a.runs ? b : a);
      if (options.priority === "partial" && lane.runs > 0) {
        const message = "moonshine has better to do than a partial";
        throw new EngineError(message, { engine: "moonshine", failure: "overloaded" });
      }
      lane.runs++;
      try {
        const tokens = await recognise(lane, samples, options) ??
          await recognise(lane, samples, options);
        if (tokens) return llamaTokenizer.decode([...tokens], false, false).trim();
      } finally {
        lane.runs--;
      }
      const message = "moonshine keeps crashing";
      throw new EngineError(message, { engine: "moonshine", failure: "crashed" });
    },
    dispose: async () => {
      await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
    },
  });
}

let lastRun = 0;

/** The tokens of a segment; `undefined` if its Worker died while another run's step was at work. */
async function recognise(
  { host, queue }: Lane,
  samples: Float32Array<ArrayBuffer>,
  options: SegmentOptions,
): Promise<readonly number[] | undefined> {
  const run = ++lastRun;
  const most = Math.ceil(TOKENS_PER_SECOND * samples.length / SAMPLE_RATE) + SPARE_TOKENS;
  let tokens: readonly number[] = [];
  try {
    await queue.run({ kind: "encode", run, samples }, options);
    while (tokens.length < most) {
      const answer = await queue.run({ kind: "decode", run, tokens: 1 }, options);
      if (answer.kind !== "tokens") return undefined;
      tokens = answer.tokens;
      if (answer.ended) return tokens;
      const loop = findLoop(tokens);
      if (loop !== undefined) return tokens.slice(0, loop);
    }
    return tokens;
  } finally {
    // Not queued: it is instant, and a run that failed for want of room must be forgotten too.
    host.run({ kind: "free", run }).catch(() => {});
  }
}

/** Starts all, or none. */
async function startAll<T extends AsyncDisposable>(
  count: number,
  start: () => Promise<T>,
): Promise<T[]> {
  const starts = await Promise.allSettled(Array.from({ length: count }, start));
  const failed = starts.find((one) => one.status === "rejected");
  const started = starts.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  if (failed === undefined) return started;
  await Promise.all(started.map((one) => one[Symbol.asyncDispose]()));
  throw failed.reason;
}
