import { SAMPLE_RATE } from "@/audio/frame.ts";

/** Of one character, in s: its code is the level of all its samples. */
const CHARACTER_S = 0.04;

const CHARACTER_SAMPLES = CHARACTER_S * SAMPLE_RATE;

/** Above all codes of ASCII. */
const FULL = 128;

/** "Speech" at 16 kHz that a fake can really recognise: a text of ASCII, and a little silence. */
export function sayInCode(text: string): Float32Array<ArrayBuffer> {
  const samples = new Float32Array((text.length + 1) * CHARACTER_SAMPLES);
  for (const [i, character] of [...text].entries()) {
    const level = character.charCodeAt(0) / FULL;
    samples.fill(level, i * CHARACTER_SAMPLES, (i + 1) * CHARACTER_SAMPLES);
  }
  return samples;
}

/** The text that {@linkcode sayInCode} said, or the part of it that is there; 16-bit rounding does no harm. */
export function readCode(samples: Float32Array): string {
  let text = "";
  let start = 0;
  const codeAt = (i: number) => Math.round((samples[i] ?? -1) * FULL);
  for (let i = 1; i <= samples.length; i++) {
    if (i < samples.length && codeAt(i) === codeAt(start)) continue;
    const count = Math.round((i - start) / CHARACTER_SAMPLES);
    if (codeAt(start) > 0) text += String.fromCharCode(codeAt(start)).repeat(count);
    start = i;
  }
  return text.trim();
}
