import type { Speech } from "@/engines/tts/engine.ts";

/** Silence kept before the first sound, in ms, so that a soft consonant stays whole. */
const LEAD_MS = 25;

/** Samples weaker than this (−48 dB) are silence. The noise floor of the voice `awb` lies just below. */
const SILENCE = 0.004;

/**
 * Takes away the silence before speech, which the listener would only wait for (Flite makes up to 260 ms of
 * it), and makes the silence after it `tailMs` long, so that sentences follow each other evenly.
 */
export function trimSilence(
  { samples, sampleRate }: Speech,
  tailMs: number,
): Float32Array<ArrayBuffer> {
  const isSound = (sample: number) => Math.abs(sample) >= SILENCE;
  const firstSound = samples.findIndex(isSound);
  if (firstSound < 0) return new Float32Array();
  const samplesIn = (ms: number) => Math.round(ms * sampleRate / 1000);
  const start = Math.max(0, firstSound - samplesIn(LEAD_MS));
  const end = samples.findLastIndex(isSound) + 1 + samplesIn(tailMs);
  const trimmed = new Float32Array(end - start);
  trimmed.set(samples.subarray(start, end));
  return trimmed;
}
