import { encodeALaw, encodeMuLaw } from "@/audio/g711.ts";

/** How a WAV file is written. */
export interface WavShape {
  /** Format code: 1 is PCM, 3 float, 6 A-law, 7 µ-law. */
  readonly code: number;
  readonly bits: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  /** What it says that its lengths are; the truth by default. */
  readonly lengths?: number;
}

/** Writes a WAV file of interleaved samples. */
export function wavFile(
  samples: Float32Array,
  { code, bits, channels = 1, sampleRate = 16_000, lengths }: WavShape,
): Uint8Array<ArrayBuffer> {
  const bytes = bits / 8;
  const view = new DataView(new ArrayBuffer(44 + samples.length * bytes));
  const blockBytes = bytes * channels;
  [..."RIFF----WAVEfmt ----"].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  [..."data"].forEach((letter, i) => view.setUint8(36 + i, letter.charCodeAt(0)));
  view.setUint32(4, lengths ?? view.byteLength - 8, true);
  view.setUint32(16, 16, true);
  view.setUint16(20, code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, bits, true);
  view.setUint32(40, lengths ?? view.byteLength - 44, true);
  samples.forEach((sample, i) => writeSample(view, 44 + i * bytes, { sample, code, bits }));
  return new Uint8Array(view.buffer);
}

function writeSample(
  view: DataView,
  at: number,
  { sample, code, bits }: { sample: number; code: number; bits: number },
): void {
  if (code === 6) view.setUint8(at, encodeALaw(Math.round(sample * 32_767)));
  else if (code === 7) view.setUint8(at, encodeMuLaw(Math.round(sample * 32_767)));
  else if (code === 3 && bits === 32) view.setFloat32(at, sample, true);
  else if (code === 3) view.setFloat64(at, sample, true);
  else if (bits === 8) view.setUint8(at, Math.round(sample * 127) + 128);
  else {
    const value = Math.round(sample * (2 ** (bits - 1) - 1));
    for (let byte = 0; byte < bits / 8; byte++) view.setUint8(at + byte, value >> (8 * byte));
  }
}
