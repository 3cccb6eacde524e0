/** A tone to measure with: 0.8 of full scale unless told otherwise. */
export function tone(
  frequency: number,
  sampleRate: number,
  { seconds, amplitude = 0.8 }: { seconds: number; amplitude?: number },
): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: Math.round(seconds * sampleRate) },
    (_, i) => amplitude * Math.sin(2 * Math.PI * frequency * i / sampleRate),
  );
}

/** What {@linkcode fitTone} found. */
export interface ToneFit {
  /** Amplitude of the tone. */
  readonly amplitude: number;
  /** How late the tone is, in seconds, within half a period. */
  readonly delay: number;
  /** Power of the tone over that of all the rest, in dB. */
  readonly snr: number;
}

/** Finds the tone of a known frequency by least squares and calls all else noise. */
export function fitTone(samples: Float32Array, frequency: number, sampleRate: number): ToneFit {
  const step = 2 * Math.PI * frequency / sampleRate;
  let [ss, cc, sc, ys, yc] = [0, 0, 0, 0, 0];
  samples.forEach((y, i) => {
    const [s, c] = [Math.sin(step * i), Math.cos(step * i)];
    ss += s * s;
    cc += c * c;
    sc += s * c;
    ys += y * s;
    yc += y * c;
  });
  const determinant = ss * cc - sc * sc;
  const sine = (ys * cc - yc * sc) / determinant;
  const cosine = (yc * ss - ys * sc) / determinant;

  let [signal, noise] = [0, 0];
  samples.forEach((y, i) => {
    const model = sine * Math.sin(step * i) + cosine * Math.cos(step * i);
    signal += model ** 2;
    noise += (y - model) ** 2;
  });
  return {
    amplitude: Math.hypot(sine, cosine),
    delay: Math.atan2(-cosine, sine) / (2 * Math.PI * frequency),
    snr: 10 * Math.log10(signal / noise),
  };
}

/** Level in dB below a full-scale square wave. */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  return 10 * Math.log10(power);
}

/** Joins pieces of one stream. */
export function join(pieces: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Cuts a stream into pieces whose lengths repeat. */
export function cut(
  samples: Float32Array<ArrayBuffer>,
  sizes: readonly number[],
): Float32Array<ArrayBuffer>[] {
  const pieces: Float32Array<ArrayBuffer>[] = [];
  let at = 0;
  while (at < samples.length) {
    const size = sizes[pieces.length % sizes.length]!;
    pieces.push(samples.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
