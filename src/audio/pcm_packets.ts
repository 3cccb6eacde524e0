import { decodeALaw, decodeMuLaw } from "@/audio/g711.ts";

/** How one sample is written. */
interface SampleFormat {
  readonly bytes: number;
  /** Its value, −1 to 1. */
  readonly read: (view: DataView, at: number) => number;
}

const G711_SCALE = 32_768;

/** The ways that WAV files write samples, by the names that the demuxer gives them. */
const FORMATS: Readonly<Record<string, SampleFormat>> = {
  "pcm-u8": { bytes: 1, read: (view, at) => view.getUint8(at) / 128 - 1 },
  "pcm-s16": { bytes: 2, read: (view, at) => view.getInt16(at, true) / 2 ** 15 },
  "pcm-s24": {
    bytes: 3,
    read: (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
  },
  "pcm-s32": { bytes: 4, read: (view, at) => view.getInt32(at, true) / 2 ** 31 },
  "pcm-f32": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "pcm-f64": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  ulaw: { bytes: 1, read: (view, at) => decodeMuLaw(view.getUint8(at)) / G711_SCALE },
  alaw: { bytes: 1, read: (view, at) => decodeALaw(view.getUint8(at)) / G711_SCALE },
};

/** Mixes the channels of whole samples into one. */
export type PcmReader = (bytes: Uint8Array) => Float32Array<ArrayBuffer>;

/** A reader of samples that are not compressed; `undefined` for a format that is none of them. */
export function createPcmReader(format: string, channels: number): PcmReader | undefined {
  const found = FORMATS[format];
  if (found === undefined) return undefined;
  const { bytes: size, read } = found;

  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const mono = new Float32Array(Math.floor(bytes.length / size / channels));
    for (let i = 0; i < mono.length; i++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) {
        sum += read(view, (i * channels + channel) * size);
      }
      mono[i] = sum / channels;
    }
    return mono;
  };
}
