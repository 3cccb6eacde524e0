import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from "@/audio/g711.ts";

/**
 * How samples are written as bytes, mono.
 *
 * - `pcm16`: signed 16-bit little-endian, any rate
 * - `pcmu`: G.711 µ-law, one byte each
 * - `pcma`: G.711 A-law, one byte each
 */
export type SampleEncoding = "pcm16" | "pcmu" | "pcma";

/** Turns the next bytes of a stream into the samples that they complete, −1 to 1. */
export type SampleDecoder = (bytes: Uint8Array) => Float32Array<ArrayBuffer>;

/** What the loudest 16-bit value, −32768, is −1 of. */
const FULL_SCALE = 32768;

/**
 * Reads samples from bytes cut anywhere: the first byte of a sample is kept until its second comes. One decoder
 * for each stream.
 */
export function createDecoder(encoding: SampleEncoding): SampleDecoder {
  switch (encoding) {
    case "pcm16":
      return createPcm16Decoder();
    case "pcmu":
      return createByteDecoder(decodeMuLaw);
    case "pcma":
      return createByteDecoder(decodeALaw);
  }
}

/**
 * Writes samples as bytes, each as the nearest value there is. Louder than −1 to 1 is clipped; what is not a
 * number becomes silence.
 */
export function encodeSamples(
  samples: Float32Array,
  encoding: SampleEncoding,
): Uint8Array<ArrayBuffer> {
  switch (encoding) {
    case "pcm16":
      return encodePcm16(samples);
    case "pcmu":
      return encodeBytes(samples, encodeMuLaw);
    case "pcma":
      return encodeBytes(samples, encodeALaw);
  }
}

function createPcm16Decoder(): SampleDecoder {
  let odd: number | undefined;

  return (bytes) => {
    let read = 0;
    let written = 0;
    const samples = new Float32Array((bytes.length + (odd === undefined ? 0 : 1)) >> 1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

    if (odd !== undefined && bytes.length > 0) {
      samples[written++] = ((view.getInt8(read++) << 8) | odd) / FULL_SCALE;
      odd = undefined;
    }
    for (; written < samples.length; read += 2) {
      samples[written++] = view.getInt16(read, true) / FULL_SCALE;
    }
    if (read < bytes.length) odd = view.getUint8(read);
    return samples;
  };
}

function createByteDecoder(decode: (byte: number) => number): SampleDecoder {
  const levels = Float32Array.from({ length: 256 }, (_, byte) => decode(byte) / FULL_SCALE);

  return (bytes) => {
    const samples = new Float32Array(bytes.length);
    for (let i = 0; i < bytes.length; i++) samples[i] = levels[bytes[i]!]!;
    return samples;
  };
}

function encodePcm16(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (let i = 0; i < samples.length; i++) view.setInt16(i * 2, toInt16(samples[i]!), true);
  return new Uint8Array(view.buffer);
}

function encodeBytes(
  samples: Float32Array,
  encode: (value: number) => number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) bytes[i] = encode(toInt16(samples[i]!));
  return bytes;
}

/** Rounds halves away from zero, so that a wave and its mirror image are written alike. */
function toInt16(sample: number): number {
  const value = Math.sign(sample) * Math.round(Math.abs(sample) * FULL_SCALE);
  return Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value || 0));
}
