import { WIRE_RATE } from "@/web/player.ts";
import { Resampler } from "@/web/resampler.ts";

/** Samples of one chunk to the server: 20 ms. */
const CHUNK_SAMPLES = WIRE_RATE / 50;

/** Turns what a microphone hears into what goes over the wire. */
export class PcmEncoder {
  readonly #resampler: Resampler | undefined;
  #chunk = new Int16Array(CHUNK_SAMPLES);
  #filled = 0;

  /** The rate of the device, in Hz. */
  constructor(rate: number) {
    this.#resampler = rate === WIRE_RATE ? undefined : new Resampler(rate, WIRE_RATE);
  }

  /** Takes sound of any length, −1 to 1, one array for each channel. Returns the chunks that are full, 20 ms each. */
  encode(channels: readonly Float32Array[]): ArrayBuffer[] {
    const mono = mix(channels);
    const samples = this.#resampler?.process(mono) ?? mono;
    const chunks: ArrayBuffer[] = [];
    for (const sample of samples) {
      this.#chunk[this.#filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.#filled < CHUNK_SAMPLES) continue;
      chunks.push(this.#chunk.buffer);
      this.#chunk = new Int16Array(CHUNK_SAMPLES);
      this.#filled = 0;
    }
    return chunks;
  }
}

/** Turns what came over the wire into what a loudspeaker takes. */
export class PcmDecoder {
  readonly #resampler: Resampler | undefined;

  /** The rate of the device, in Hz. */
  constructor(rate: number) {
    this.#resampler = rate === WIRE_RATE ? undefined : new Resampler(WIRE_RATE, rate);
  }

  /** Takes whole samples. Returns sound, −1 to 1, at the rate of the device. */
  decode(pcm: ArrayBuffer): Float32Array<ArrayBuffer> {
    const samples = Float32Array.from(new Int16Array(pcm), (sample) => sample / 32768);
    return this.#resampler?.process(samples) ?? samples;
  }
}

function mix(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...others] = channels;
  if (others.length === 0) return first;
  return first.map((sample, i) =>
    others.reduce((sum, channel) => sum + (channel[i] ?? 0), sample) / channels.length
  );
}
