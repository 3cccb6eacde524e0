import { createDecoder, encodeSamples } from "@/audio/codec.ts";

/** A recording. */
export interface Recording {
  /** Mono, −1 to 1. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** Hz. */
  readonly sampleRate: number;
}

/** The rates that {@linkcode decodeWav} takes, in Hz. */
const RATES = { min: 8_000, max: 48_000 };

const HEADER_BYTES = 44;
const PCM = 1;
/** The format code that says "see the extension", as some programs write even plain PCM. */
const EXTENSIBLE = 0xfffe;

/**
 * Reads a WAV file: 16-bit PCM, mono or stereo (both channels are mixed), 8 to 48 kHz. Other chunks are skipped.
 * In a file whose writer could not go back to fill the lengths in (they are 0, or more than there is) the audio
 * goes on to the end.
 *
 * @throws {TypeError} if it is anything else; the message says what it is.
 */
export function decodeWav(bytes: Uint8Array): Recording {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(view, 0) !== "RIFF" || tag(view, 8) !== "WAVE") {
    throw new TypeError("Not a WAV file: it does not begin with RIFF and WAVE");
  }

  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(view, at);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === "fmt ") format = readFormat(view, start);
    if (name === "data") {
      if (!format) throw new TypeError("Broken WAV file: its data come before their format");
      const endless = length === 0 && view.getUint32(4, true) < start;
      const data = bytes.subarray(start, endless ? bytes.length : start + length);
      return { samples: mix(data, format.channels), sampleRate: format.sampleRate };
    }
    at = start + length + length % 2;
  }
  throw new TypeError("Broken WAV file: it holds no data");
}

/** Writes a WAV file: 16-bit PCM, mono. */
export function encodeWav({ samples, sampleRate }: Recording): Uint8Array<ArrayBuffer> {
  const data = encodeSamples(samples, "pcm16");
  const file = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(file.buffer);
  writeTag(file, 0, "RIFF");
  view.setUint32(4, file.length - 8, true);
  writeTag(file, 8, "WAVE");
  writeTag(file, 12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  writeTag(file, 36, "data");
  view.setUint32(40, data.length, true);
  file.set(data, HEADER_BYTES);
  return file;
}

interface Format {
  readonly channels: number;
  readonly sampleRate: number;
}

function readFormat(view: DataView, at: number): Format {
  if (at + 16 > view.byteLength) throw new TypeError("Broken WAV file: it ends within its format");
  let code = view.getUint16(at, true);
  if (code === EXTENSIBLE && at + 26 <= view.byteLength) code = view.getUint16(at + 24, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);

  if (code !== PCM || bits !== 16) {
    throw new TypeError(
      `Cannot read this WAV file: format ${code} of ${bits} bits, not PCM (1) of 16 bits`,
    );
  }
  if (channels !== 1 && channels !== 2) {
    throw new TypeError(`Cannot read this WAV file: it has ${channels} channels, not 1 or 2`);
  }
  if (sampleRate < RATES.min || sampleRate > RATES.max) {
    throw new TypeError(
      `Cannot read this WAV file: ${sampleRate} Hz is not from ${RATES.min} to ${RATES.max} Hz`,
    );
  }
  return { channels, sampleRate };
}

function mix(data: Uint8Array, channels: number): Float32Array<ArrayBuffer> {
  const samples = createDecoder("pcm16")(data);
  if (channels === 1) return samples;
  const mono = new Float32Array(samples.length >> 1);
  for (let i = 0; i < mono.length; i++) mono[i] = (samples[2 * i]! + samples[2 * i + 1]!) / 2;
  return mono;
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function writeTag(file: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < name.length; i++) file[at + i] = name.charCodeAt(i);
}
