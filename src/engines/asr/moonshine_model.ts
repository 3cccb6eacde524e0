import type { Model } from "@/inference/host.ts";
import { openSession, Tensor } from "@/inference/onnx.ts";

const HEADS = 8;
const HEAD_FLOATS = 36;
const START_TOKEN = 1;
const END_TOKEN = 2;

/** One step of a transcription. `run` names it; what it has heard and said so far stays with the model. */
export type MoonshineJob =
  /** Hears the whole segment: 16 kHz mono. Begins the run. */
  | { readonly kind: "encode"; readonly run: number; readonly samples: Float32Array<ArrayBuffer> }
  /** Makes the next tokens, up to so many. */
  | { readonly kind: "decode"; readonly run: number; readonly tokens: number }
  /** Forgets the run. */
  | { readonly kind: "free"; readonly run: number };

/** What a step came to. */
export type MoonshineAnswer =
  | { readonly kind: "done" }
  /** `ended`: the text is complete. */
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

interface Run {
  readonly heard: Tensor;
  token: number;
  /** Keys and values of the attention, by the names of the decoder's inputs; empty before the first token. */
  cache: Record<string, Tensor>;
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
    return { heard: heard!, token: START_TOKEN, cache: {} };
  }

  async function decode(run: Run): Promise<number> {
    const begun = run.token !== START_TOKEN;
    const outputs = await decoder.run(
      {
        input_ids: new Tensor("int64", BigInt64Array.of(BigInt(run.token)), [1, 1]),
        encoder_hidden_states: run.heard,
        use_cache_branch: new Tensor("bool", [begun]),
        ...emptyCache,
        ...run.cache,
      },
      begun ? laterOutputs : everyOutput,
    );
    for (const [name, tensor] of Object.entries(outputs)) {
      if (name !== "logits") run.cache[name.replace("present", "past_key_values")] = tensor;
    }
    run.token = greatest(outputs["logits"]!.data as Float32Array);
    return run.token;
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
    const tokens: number[] = [];
    while (tokens.length < job.tokens) {
      const token = await decode(run);
      if (token === END_TOKEN) return { kind: "tokens", tokens, ended: true };
      tokens.push(token);
    }
    return { kind: "tokens", tokens, ended: false };
  }

  await warmUp(model);
  return model;
}

/** Runs until V8 has compiled the hot WASM well: the first runs take up to three times as long as later ones. */
async function warmUp(model: Model<MoonshineJob, MoonshineAnswer>): Promise<void> {
  for (let run = -WARM_UP_RUNS; run < 0; run++) {
    const samples = Float32Array.from({ length: 32_000 }, (_, i) => 0.1 * Math.sin(i * i / 1e5));
    await model({ kind: "encode", run, samples });
    for (let i = 0; i < WARM_UP_TOKENS; i++) await model({ kind: "decode", run, tokens: 1 });
    await model({ kind: "free", run });
  }
}

const WARM_UP_RUNS = 4;
const WARM_UP_TOKENS = 8;

function greatest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
