import { FRAME_SAMPLES } from "@/audio/frame.ts";

/** Samples of the frame before that the model hears again with each frame. */
export const CONTEXT_SAMPLES = 64;

/** Samples the model hears at once: the context and one frame. */
export const INPUT_SAMPLES: number = CONTEXT_SAMPLES + FRAME_SAMPLES;

const LAYER_FLOATS = 128;

/** Floats of a stream's recurrent state: two layers of 128. */
export const STATE_FLOATS: number = 2 * LAYER_FLOATS;

/** One frame of one stream, with all that the model must remember of it. */
export interface SileroJob {
  /** {@linkcode INPUT_SAMPLES} samples. */
  readonly input: Float32Array<ArrayBuffer>;
  /** {@linkcode STATE_FLOATS} floats. */
  readonly state: Float32Array<ArrayBuffer>;
}

/** The likelihood of speech in a frame, and what to remember after it. */
export interface SileroResult {
  /** 0 to 1. */
  readonly probability: number;
  /** {@linkcode STATE_FLOATS} floats, for the next frame of the stream. */
  readonly state: Float32Array<ArrayBuffer>;
}

/** One frame of each of some streams. */
export interface SileroBatch {
  /** A row of {@linkcode INPUT_SAMPLES} for each stream. */
  readonly inputs: Float32Array<ArrayBuffer>;
  /** Two layers, each with a row for each stream. */
  readonly state: Float32Array<ArrayBuffer>;
}

/** What the model says of a {@linkcode SileroBatch}. */
export interface SileroAnswer {
  /** One for each stream, 0 to 1. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** Laid out as it came. */
  readonly state: Float32Array<ArrayBuffer>;
}

/** Lays the frames of some streams out as the model wants them. */
export function pack(jobs: readonly SileroJob[]): SileroBatch {
  const inputs = new Float32Array(jobs.length * INPUT_SAMPLES);
  const state = new Float32Array(2 * jobs.length * LAYER_FLOATS);
  jobs.forEach((job, i) => {
    inputs.set(job.input, i * INPUT_SAMPLES);
    state.set(job.state.subarray(0, LAYER_FLOATS), i * LAYER_FLOATS);
    state.set(job.state.subarray(LAYER_FLOATS), (jobs.length + i) * LAYER_FLOATS);
  });
  return { inputs, state };
}

/** Takes an answer apart, one result a stream. */
export function unpack({ probabilities, state }: SileroAnswer, streams: number): SileroResult[] {
  return Array.from({ length: streams }, (_, i) => {
    const own = new Float32Array(STATE_FLOATS);
    own.set(state.subarray(i * LAYER_FLOATS, (i + 1) * LAYER_FLOATS));
    own.set(
      state.subarray((streams + i) * LAYER_FLOATS, (streams + i + 1) * LAYER_FLOATS),
      LAYER_FLOATS,
    );
    return { probability: probabilities[i]!, state: own };
  });
}
