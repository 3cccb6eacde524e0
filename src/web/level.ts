/** The quietest level a meter shows, in dB below full scale: the hum of a quiet room. */
const FLOOR_DB = -60;

/** What a level meter shows of a block of sound: 0 for silence to 1 for full scale, even in decibels. */
export function meterLevel(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  if (!(power > 0)) return 0;
  return Math.max(0, Math.min(1, 1 - 10 * Math.log10(power) / FLOOR_DB));
}
