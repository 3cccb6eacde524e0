import { FRAME_SAMPLES, type MarkedFrame } from "@/audio/frame.ts";

/**
 * Frames of an utterance from a picture: `#` is speech, anything else a pause; the first speech after a pause
 * that followed speech is marked `resume`. Every sample of a frame is the frame's number.
 */
export function markedFrames(picture: string, first = 0): MarkedFrame[] {
  const spokenAt = picture.indexOf("#");
  return [...picture].map((window, i) => ({
    samples: new Float32Array(FRAME_SAMPLES).fill(first + i),
    mark: window !== "#" ? "pause" : i > spokenAt && picture[i - 1] !== "#" ? "resume" : "speech",
    probability: window === "#" ? 0.9 : 0.1,
  }));
}

/** The numbers of the frames that a segment consists of, or holds a part of. */
export function frameNumbers(samples: Float32Array<ArrayBufferLike>): number[] {
  return [...new Set(samples)];
}

/** Numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
