import { advanceBeam, type Hypothesis, type Outlook, startBeam } from "@/engines/asr/beam.ts";
import type { Model } from "@/inference/host.ts";
import { openSession, Tensor } from "@/inference/onnx.ts";

const HEADS = 8;
const HEAD_FLOATS = 36;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** Ends nothing. */
const NO_TOKEN = -1;

const WARM_UP_RUNS = 4;
const WARM_UP_STEPS = 8;

/** One step of a transcription. `run` names it; what it has heard and said so far stays with the model. */
export type MoonshineJob =
  /** Hears the whole segment: 16 kHz mono. Begins the run. */
  | { readonly kind: "encode"; readonly run: number; readonly samples: Float32Array<ArrayBuffer> }
  /** Makes the text longer by so many tokens, or complete. */
  | { readonly kind: "decode"; readonly run: number; readonly tokens: number }
  /** Forgets the run. */
  | { readonly kind: "free"; readonly run: number };

/** What a step came to. */
export type MoonshineAnswer =
  | { readonly kind: "done" }
  /** All of the likeliest text so far; a later answer may begin otherwise. `ended`: it is complete. */
  | { readonly kind: "tokens"; readonly tokens: readonly number[]; readonly ended: boolean }
  /** The model does not know the run: its Worker was replaced since the run began. */
  | { readonly kind: "lost" };

/** Where the model is. */
export interface MoonshineInit {
  /** The ONNX file of the encoder. */
  readonly encoder: string;
  /** The ONNX file of the merged decoder. */
  readonly decoder: string;
}

/** Keys and values of the attention, by the names of the decoder's inputs; empty before the first token. */
type Cache = Record<string, Tensor>;

interface Run {
  readonly heard: Tensor;
  beam: readonly Hypothesis<Cache>[];
}

/** Loads Moonshine tiny (English), warm. */
export async function loadMoonshine(
  { encoder: encoderPath, decoder: decoderPath }: MoonshineInit,
): Promise<Model<MoonshineJob, MoonshineAnswer>> {
  const encoder = await openSession({ engine: "moonshine", path: encoderPath });
  const decoder = await openSession({ engine: "moonshine", path: decoderPath });
  const everyOutput = decoder.outputNames;
  // The encoder's keys and values do not change after the first step, and need not be copied out again.
  const laterOutputs = everyOutput.filter((name) => !name.includes(".encoder."));
  const emptyCache = Object.fromEntries(
    decoder.inputNames.filter((name) => name.startsWith("past_key_values.")).map((name) => [
      name,
      new Tensor("float32", new Float32Array(0), [0, HEADS, 1, HEAD_FLOATS]),
    ]),
  );
  const runs = new Map<number, Run>();

  async function encode(samples: Float32Array<ArrayBuffer>): Promise<Run> {
    const input = new Tensor("float32", samples, [1, samples.length]);
    const { last_hidden_state: heard } = await encoder.run({ input_values: input });
    return { heard: heard!, beam: startBeam({}) };
  }

  async function decode(
    heard: Tensor,
    { tokens, state: cache }: Hypothesis<Cache>,
  ): Promise<Outlook<Cache>> {
    const begun = tokens.length > 0;
    const token = tokens.at(-1) ?? START_TOKEN;
    const outputs = await decoder.run(
      {
        input_ids: new Tensor("int64", BigInt64Array.of(BigInt(token)), [1, 1]),
        encoder_hidden_states: heard,
        use_cache_branch: new Tensor("bool", [begun]),
        ...emptyCache,
        ...cache,
      },
      begun ? laterOutputs : everyOutput,
    );
    const { logits, ...present } = outputs;
    const state = { ...cache };
    for (const [name, tensor] of Object.entries(present)) {
      state[name.replace("present", "past_key_values")] = tensor;
    }
    return { logits: logits!.data as Float32Array, state };
  }

  async function advance(run: Run, endToken: number): Promise<void> {
    const look = (hypothesis: Hypothesis<Cache>) => decode(run.heard, hypothesis);
    run.beam = await advanceBeam(run.beam, { decode: look, endToken });
  }

  /** Runs until V8 has compiled the hot WASM well: the first runs take up to three times as long as later ones. */
  async function warmUp(): Promise<void> {
    for (let i = 0; i < WARM_UP_RUNS; i++) {
      const samples = Float32Array.from({ length: 32_000 }, (_, i) => 0.1 * Math.sin(i * i / 1e5));
      const run = await encode(samples);
      for (let step = 0; step < WARM_UP_STEPS; step++) await advance(run, NO_TOKEN);
    }
  }

  async function model(job: MoonshineJob): Promise<MoonshineAnswer> {
    if (job.kind === "free") {
      runs.delete(job.run);
      return { kind: "done" };
    }
    if (job.kind === "encode") {
      runs.set(job.run, await encode(job.samples));
      return { kind: "done" };
    }
    const run = runs.get(job.run);
    if (run === undefined) return { kind: "lost" };
    for (let step = 0; step < job.tokens && !run.beam[0]!.ended; step++) {
      await advance(run, END_TOKEN);
    }
    const { tokens, ended } = run.beam[0]!;
    return { kind: "tokens", tokens, ended };
  }

  await warmUp();
  return model;
}
