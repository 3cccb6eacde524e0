import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { DecodingAnswer, DecodingJob } from "@/engines/asr/decoding_job.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import { findLoop } from "@/engines/asr/repetition.ts";
import type { SegmentOptions } from "@/engines/asr/runs.ts";
import { EngineError } from "@/errors.ts";
import type { JobHost } from "@/inference/host.ts";
import {
  createJobQueue,
  type JobQueue,
  type JobQueueOptions,
  type Priority,
} from "@/inference/job_queue.ts";

/** Runs of one Worker that may wait for their next step. */
const CAPACITY = 64;

/** Nobody waits longer for an answer. */
const DEADLINE_MS = 15_000;

/** When jobs of a Worker wait for so long, in ms, it makes no more forecasts: somebody waits for each of the others. */
const EAGER_BACKLOG_MS = 500;

/** How the model behind a recogniser writes. */
export interface Writing {
  /** The engine's name. */
  readonly name: string;
  /** Whoever speaks needs at most so many tokens a second; more means the model rambles. */
  readonly tokensPerSecond: number;
  /** Tokens that even the shortest segment may have. */
  readonly spareTokens: number;
  /** Tokens that a segment may have, however long it is. */
  readonly mostTokens: number;
  /** Whether a text is made while the user speaks. */
  readonly partials: boolean;
  /** Whether a segment without words is heard once more. */
  readonly retryEmpty: boolean;
  /** What the tokens say. */
  readonly textOf: (tokens: readonly number[]) => string;
}

/** One Worker: a run's steps all go to the one that began it. */
interface Lane {
  readonly host: JobHost<DecodingJob, DecodingAnswer>;
  readonly queue: JobQueue<DecodingJob, DecodingAnswer>;
  runs: number;
}

/** A recogniser over hosts that each run its model. `now` is the clock of its queues. */
export function recogniserOver(
  hosts: readonly JobHost<DecodingJob, DecodingAnswer>[],
  writing: Writing,
  { now }: Pick<JobQueueOptions<DecodingJob, DecodingAnswer>, "now"> = {},
): SpeechRecogniser {
  const { name, partials, retryEmpty } = writing;
  const lanes = hosts.map((host): Lane => ({
    host,
    queue: createJobQueue({
      engine: name,
      execute: async ([job]) => [await host.run(job!)],
      maxBatch: 1,
      capacity: CAPACITY,
      deadlineMs: DEADLINE_MS,
      ...(now && { now }),
    }),
    runs: 0,
  }));

  return fromSegments({
    name,
    partials,
    retryEmpty,
    async recognise(samples, options) {
      const lane = lanes.reduce((a, b) => b.runs < a.runs ? b : a);
      if (isTooBusyFor(options.priority, lane)) {
        const message = `${name} has better to do than what is ${options.priority}`;
        throw new EngineError(message, { engine: name, failure: "displaced" });
      }
      lane.runs++;
      try {
        const attempt = { ...writing, lane, options };
        const tokens = await recognise(samples, attempt) ?? await recognise(samples, attempt);
        if (tokens) return writing.textOf(tokens).trim();
      } finally {
        lane.runs--;
      }
      throw new EngineError(`${name} keeps crashing`, { engine: name, failure: "crashed" });
    },
    dispose: async () => {
      await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
    },
  });
}

/** Sheds what nobody waits for: partials where there is anything else to do, eager runs where it has to wait long. */
function isTooBusyFor(priority: Priority, { queue, runs }: Lane): boolean {
  if (priority === "partial") return runs > 0;
  return priority === "eager" && queue.age() > EAGER_BACKLOG_MS;
}

interface Attempt extends Writing {
  readonly lane: Lane;
  readonly options: SegmentOptions;
}

let lastRun = 0;

/** The tokens of a segment; `undefined` if its Worker died while another run's step was at work. */
async function recognise(
  samples: Float32Array<ArrayBuffer>,
  { lane: { host, queue }, options, tokensPerSecond, spareTokens, mostTokens }: Attempt,
): Promise<readonly number[] | undefined> {
  const run = ++lastRun;
  const { language } = options;
  const spoken = Math.ceil(tokensPerSecond * samples.length / SAMPLE_RATE) + spareTokens;
  const most = Math.min(spoken, mostTokens);
  let tokens: readonly number[] = [];
  try {
    await queue.run({ kind: "encode", run, samples, language }, options);
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
