import { SAMPLE_RATE } from "@/audio/frame.ts";
import {
  INPUT_SAMPLES,
  type SileroAnswer,
  type SileroBatch,
  STATE_FLOATS,
} from "@/engines/vad/silero_batch.ts";
import type { Model } from "@/inference/host.ts";
import { openSession, Tensor } from "@/inference/onnx.ts";

/**
 * Frames to run before the first real one. A frame takes 0.5 ms once V8 has compiled the hot WASM well, and
 * up to ten times that before.
 */
const WARM_UP_FRAMES = 300;

/** Where the model is. */
export interface SileroInit {
  /** The ONNX file. */
  readonly path: string;
}

/** Loads Silero VAD v6, warm. It remembers nothing: the state of every stream comes and goes with its frames. */
export async function loadSilero(
  { path }: SileroInit,
): Promise<Model<SileroBatch, SileroAnswer>> {
  const session = await openSession({ engine: "silero", path });
  const rate = new Tensor("int64", BigInt64Array.of(BigInt(SAMPLE_RATE)), []);

  async function run({ inputs, state }: SileroBatch): Promise<SileroAnswer> {
    const streams = inputs.length / INPUT_SAMPLES;
    const { output, stateN } = await session.run({
      input: new Tensor("float32", inputs, [streams, INPUT_SAMPLES]),
      state: new Tensor("float32", state, [2, streams, STATE_FLOATS / 2]),
      sr: rate,
    });
    return {
      probabilities: output!.data as Float32Array<ArrayBuffer>,
      state: stateN!.data as Float32Array<ArrayBuffer>,
    };
  }

  const silence = new Float32Array(INPUT_SAMPLES);
  let state = new Float32Array(STATE_FLOATS);
  for (let i = 0; i < WARM_UP_FRAMES; i++) {
    ({ state } = await run({ inputs: silence, state }));
  }
  return run;
}
