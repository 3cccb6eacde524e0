import { createDecoder, encodeSamples, type SampleDecoder } from "@/audio/codec.ts";

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
/** Enough for all that programs write before the audio: texts, marks, a picture perhaps. */
const MAX_HEAD_BYTES = 1_000_000;

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
  const decoder = createWavDecoder(Infinity);
  const samples = decoder.decode(bytes);
  return { samples, sampleRate: decoder.end() };
}

/** Reads one WAV file as it comes, in bytes cut anywhere. */
export interface WavDecoder {
  /** Hz; `undefined` until the file has said it, which it does before the first sample. */
  readonly sampleRate: number | undefined;
  /**
   * The samples that these bytes complete.
   *
   * @throws {TypeError} as {@linkcode decodeWav} does.
   */
  decode(bytes: Uint8Array): Float32Array<ArrayBuffer>;
  /**
   * Says that there are no more bytes. Returns the rate, in Hz.
   *
   * @throws {TypeError} if the audio has not begun.
   */
  end(): number;
}

/** Starts to read a WAV file, whose audio must begin within so many bytes. */
export function createWavDecoder(maxHeadBytes = MAX_HEAD_BYTES): WavDecoder {
  let head = new Uint8Array();
  let found: Found | undefined;
  let read: SampleDecoder | undefined;
  let left = 0;

  function find(bytes: Uint8Array): Uint8Array {
    head = concat(head, bytes);
    found = findData(head);
    if ("missing" in found) {
      if (head.length <= maxHeadBytes) return new Uint8Array();
      throw new TypeError(`Cannot read this WAV file: no audio in its first ${maxHeadBytes} bytes`);
    }
    read = createMixer(found.format.channels);
    left = found.length;
    const rest = head.subarray(found.start);
    head = new Uint8Array();
    return rest;
  }

  return {
    get sampleRate() {
      return found && "format" in found ? found.format.sampleRate : undefined;
    },
    decode(bytes) {
      const rest = read === undefined ? find(bytes) : bytes;
      const data = rest.subarray(0, Math.min(left, rest.length));
      left -= data.length;
      return read?.(data) ?? new Float32Array();
    },
    end() {
      found ??= findData(head);
      if ("missing" in found) throw new TypeError(found.missing);
      return found.format.sampleRate;
    },
  };
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

/** Where the audio is: so many bytes from `start` on. Or what the file is if it ends here. */
type Found =
  | { readonly format: Format; readonly start: number; readonly length: number }
  | { readonly missing: string };

function findData(bytes: Uint8Array): Found {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notWav = "Not a WAV file: it does not begin with RIFF and WAVE";
  if (bytes.length < 12) return { missing: notWav };
  if (tag(view, 0) !== "RIFF" || tag(view, 8) !== "WAVE") throw new TypeError(notWav);

  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = tag(view, at);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === "fmt ") {
      if (start + Math.max(16, Math.min(26, length)) > bytes.length) {
        return { missing: "Broken WAV file: it ends within its format" };
      }
      format = readFormat(view, start);
    }
    if (name === "data") {
      if (!format) throw new TypeError("Broken WAV file: its data come before their format");
      const endless = length === 0 && view.getUint32(4, true) < start;
      return { format, start, length: endless ? Infinity : length };
    }
    at = start + length + length % 2;
  }
  return { missing: "Broken WAV file: it holds no data" };
}

function readFormat(view: DataView, at: number): Format {
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

/** Reads 16-bit PCM, and mixes two channels into one. */
function createMixer(channels: number): SampleDecoder {
  const decode = createDecoder("pcm16");
  if (channels === 1) return decode;
  let left: number | undefined;

  return (bytes) => {
    const samples = decode(bytes);
    const mono = new Float32Array((samples.length + (left === undefined ? 0 : 1)) >> 1);
    let written = 0;
    for (const sample of samples) {
      if (left === undefined) left = sample;
      else {
        mono[written++] = (left + sample) / 2;
        left = undefined;
      }
    }
    return mono;
  };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

function writeTag(file: Uint8Array, at: number, name: string): void {
  for (let i = 0; i < name.length; i++) file[at + i] = name.charCodeAt(i);
}
