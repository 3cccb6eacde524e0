import { createDecoder } from "@/audio/codec.ts";
import { createResampler } from "@/audio/resample.ts";

/** Samples of a whole piece of 16-bit PCM. */
export function decodeAll(pcm: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return createDecoder("pcm16")(pcm);
}

/** A whole piece of audio at another rate. */
export function resampleAll(
  samples: Float32Array<ArrayBuffer>,
  fromHz: number,
  toHz: number,
): Float32Array<ArrayBuffer> {
  using resampler = createResampler(fromHz, toHz);
  return Float32Array.from([...resampler.process(samples), ...resampler.flush()]);
}
