import { advanceBeam, type Hypothesis, type Outlook, startBeam } from "@/engines/asr/beam.ts";
import type { DecodingAnswer, DecodingJob } from "@/engines/asr/decoding_job.ts";
import type { Model } from "@/inference/host.ts";

/** Ends nothing. */
const NO_TOKEN = -1;

const WARM_UP_STEPS = 8;

/** A model that writes token by token. */
export interface TokenWriter<Heard, State> {
  /** Hears a segment of 16 kHz mono samples. */
  readonly encode: (
    samples: Float32Array<ArrayBuffer>,
    language: string | undefined,
  ) => Promise<Heard>;
  /** Says what may follow an unfinished text. */
  readonly decode: (
    heard: Heard,
    hypothesis: Hypothesis<State | undefined>,
  ) => Promise<Outlook<State>>;
  /** Whether a whole text was said at all; otherwise it becomes an empty one. */
  readonly believes: (heard: Heard, hypothesis: Hypothesis<State | undefined>) => boolean;
  /** The token that ends a text. */
  readonly endToken: number;
  /**
   * Times to write something before the first job. Until V8 has compiled the hot WASM well, a run takes up to
   * three times as long.
   */
  readonly warmUpRuns: number;
}

interface Run<Heard, State> {
  readonly heard: Heard;
  beam: readonly Hypothesis<State | undefined>[];
}

/** Runs a model's steps for many transcriptions at once. Resolves once it is warm. */
export async function createDecodingModel<Heard, State>(
  { encode, decode, believes, endToken, warmUpRuns }: TokenWriter<Heard, State>,
): Promise<Model<DecodingJob, DecodingAnswer>> {
  const runs = new Map<number, Run<Heard, State>>();

  async function begin(
    samples: Float32Array<ArrayBuffer>,
    language: string | undefined,
  ): Promise<Run<Heard, State>> {
    return { heard: await encode(samples, language), beam: startBeam(undefined) };
  }

  async function advance(run: Run<Heard, State>, endToken: number): Promise<void> {
    const look = (hypothesis: Hypothesis<State | undefined>) => decode(run.heard, hypothesis);
    run.beam = await advanceBeam(run.beam, { decode: look, endToken });
  }

  for (let i = 0; i < warmUpRuns; i++) {
    const samples = Float32Array.from({ length: 32_000 }, (_, i) => 0.1 * Math.sin(i * i / 1e5));
    const run = await begin(samples, "en");
    for (let step = 0; step < WARM_UP_STEPS; step++) await advance(run, NO_TOKEN);
  }

  return async (job) => {
    if (job.kind === "free") {
      runs.delete(job.run);
      return { kind: "done" };
    }
    if (job.kind === "encode") {
      runs.set(job.run, await begin(job.samples, job.language));
      return { kind: "done" };
    }
    const run = runs.get(job.run);
    if (run === undefined) return { kind: "lost" };
    for (let step = 0; step < job.tokens && !run.beam[0]!.ended; step++) {
      await advance(run, endToken);
    }
    const best = run.beam[0]!;
    const tokens = best.ended && !believes(run.heard, best) ? [] : best.tokens;
    return { kind: "tokens", tokens, ended: best.ended };
  };
}
