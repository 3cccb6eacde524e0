/** Rate of all audio inside the server, in Hz. The VAD and every recogniser hear this rate. */
export const SAMPLE_RATE = 16_000;

/** Samples in one frame: the window Silero was trained on (32 ms at 16 kHz). */
export const FRAME_SAMPLES = 512;

/** Length of one frame, in ms. */
export const FRAME_MS = FRAME_SAMPLES / SAMPLE_RATE * 1000;

/** How long so many samples at {@linkcode SAMPLE_RATE} last, in ms. */
export function samplesToMs(samples: number): number {
  return samples / SAMPLE_RATE * 1000;
}

/** {@linkcode FRAME_SAMPLES} mono samples at {@linkcode SAMPLE_RATE}, −1 to 1. */
export type AudioFrame = Float32Array<ArrayBuffer>;

/**
 * What the VAD makes of a frame of an utterance.
 *
 * - `speech`: the user is speaking
 * - `pause`: they are silent: padding before the first word, or a gap that may be the end of the turn
 * - `resume`: the first frame of speech after a pause that followed speech; text made in the pause is stale
 */
export type FrameMark = "speech" | "pause" | "resume";

/** A frame of an utterance, with what the VAD heard in it. */
export interface MarkedFrame {
  readonly samples: AudioFrame;
  readonly mark: FrameMark;
  /** Likelihood of speech, 0 to 1. Long utterances are cut where it is least. */
  readonly probability: number;
}
