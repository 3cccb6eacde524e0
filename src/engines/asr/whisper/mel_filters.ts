/** Slaney's scale: even steps of 200/3 Hz up to 1 kHz, then 27 steps to every factor of 6.4. */
const LINEAR_STEP_HZ = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / LINEAR_STEP_HZ;
const LOG_STEP = Math.log(6.4) / 27;

/** A band: its first bin, and how much of each bin from there on belongs to it. */
export interface MelBand {
  /** The first bin of which any belongs to it. */
  readonly first: number;
  /** One a bin. */
  readonly weights: Float32Array;
}

/** Which bands to make, of which spectrum. */
export interface MelOptions {
  /** How many. */
  readonly bands: number;
  /** Bins of the spectrum, the first of which is 0 Hz and the last is the end of the last band. */
  readonly bins: number;
  /** From one bin to the next. */
  readonly hzPerBin: number;
}

/**
 * Triangular bands of equal width on Slaney's mel scale, each of the same area: those that librosa makes
 * by default, and OpenAI ships as `mel_filters.npz`.
 */
export function melFilters({ bands, bins, hzPerBin }: MelOptions): readonly MelBand[] {
  const highest = toMel((bins - 1) * hzPerBin);
  const edges = Array.from(
    { length: bands + 2 },
    (_, i) => toHz(highest * i / (bands + 1)),
  );
  return Array.from({ length: bands }, (_, band) => {
    const [low, centre, high] = edges.slice(band, band + 3) as [number, number, number];
    const all = Float32Array.from({ length: bins }, (_, bin) => {
      const hz = bin * hzPerBin;
      const height = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      return Math.max(0, height) * 2 / (high - low);
    });
    const first = all.findIndex((weight) => weight > 0);
    return { first, weights: all.slice(first, all.findLastIndex((weight) => weight > 0) + 1) };
  });
}

function toMel(hz: number): number {
  return hz < LOG_FROM_HZ
    ? hz / LINEAR_STEP_HZ
    : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;
}

function toHz(mel: number): number {
  return mel < LOG_FROM_MEL
    ? mel * LINEAR_STEP_HZ
    : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
}
