/** Zero crossings of the filter on each side: how steep it is. */
const ZERO_CROSSINGS = 24;
/** Kaiser window shape: about 90 dB of stop band. */
const KAISER_BETA = 9;
/** Where the filter begins to fall, as a share of the lower Nyquist frequency. */
const PASSBAND = 0.92;

/**
 * Changes the rate of mono sound, chunk by chunk, in a browser whose audio device cannot be had at the rate of
 * the wire: a polyphase filter of windowed sincs (Smith, "Digital Audio Resampling"). It delays sound by
 * {@linkcode ZERO_CROSSINGS} samples of the lower rate, 1 ms at 24 kHz.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  /** One filter for each position between two input samples. */
  readonly #phases: readonly Float32Array[];
  /** Input that is still needed, oldest first. */
  #history: Float32Array;
  /** Where the next output sample lies, in 1/up input samples from the start of the history. */
  #position = 0;

  /** Rates in Hz, whole numbers. */
  constructor(inputRate: number, outputRate: number) {
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    const cutoff = Math.min(1, outputRate / inputRate) * PASSBAND;
    const half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#phases = Array.from(
      { length: this.#up },
      (_, phase) => filter(half, phase / this.#up, cutoff),
    );
    this.#history = new Float32Array(half - 1);
  }

  /** Resamples the next chunk, of any length. */
  process(input: Float32Array): Float32Array<ArrayBuffer> {
    const samples = new Float32Array(this.#history.length + input.length);
    samples.set(this.#history);
    samples.set(input, this.#history.length);
    const taps = this.#phases[0]?.length ?? 0;
    const ready = samples.length - taps;
    const count = ready < 0 ? 0 : Math.max(
      0,
      Math.floor((ready * this.#up + this.#up - 1 - this.#position) / this.#down) + 1,
    );
    const output = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      output[i] = this.#at(samples);
      this.#position += this.#down;
    }
    const used = Math.min(Math.floor(this.#position / this.#up), samples.length);
    this.#history = samples.slice(used);
    this.#position -= used * this.#up;
    return output;
  }

  #at(samples: Float32Array): number {
    const start = Math.floor(this.#position / this.#up);
    const taps = this.#phases[this.#position % this.#up] ?? [];
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += (taps[k] ?? 0) * (samples[start + k] ?? 0);
    return sum;
  }
}

/** Weights of the `2 * half` input samples around an output sample that lies `offset` behind the middle one. */
function filter(half: number, offset: number, cutoff: number): Float32Array {
  const taps = Float32Array.from({ length: 2 * half }, (_, k) => {
    const distance = k - (half - 1) - offset;
    return sinc(cutoff * distance) * kaiser(distance / half);
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window at −1 to 1. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
