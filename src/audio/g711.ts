/**
 * G.711, the telephone's eight-bit codes (ITU-T Recommendation G.711): a sign, three bits of segment, four bits
 * within the segment. Values are 16-bit, as is usual; the recommendation's own are 14-bit (µ) and 13-bit (A).
 */

/** Added before µ-law's segment is found, so that each segment begins at a power of two. */
const MU_LAW_BIAS = 132;
/** Loudest magnitude that keeps within 15 bits once biased. */
const MU_LAW_CLIP = 32767 - MU_LAW_BIAS;
/** A-law sends every other bit inverted, so that silence is not all zeros on the line. */
const A_LAW_INVERTED = 0x55;
const SIGN = 0x80;

/** The µ-law code of a 16-bit value. */
export function encodeMuLaw(value: number): number {
  const magnitude = Math.min(Math.abs(value), MU_LAW_CLIP) + MU_LAW_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 3)) & 15);
  return (value < 0 ? ~(code | SIGN) : ~code) & 0xff;
}

/** The 16-bit value of a µ-law code. */
export function decodeMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const segment = (code >> 4) & 7;
  const magnitude = ((((code & 15) << 3) + MU_LAW_BIAS) << segment) - MU_LAW_BIAS;
  return (code & SIGN) === 0 ? magnitude : -magnitude;
}

/** The A-law code of a 16-bit value. */
export function encodeALaw(value: number): number {
  const magnitude = Math.min(Math.abs(value), 32767);
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const code = (segment << 4) | ((magnitude >> (Math.max(segment, 1) + 3)) & 15);
  return (value < 0 ? code : code | SIGN) ^ A_LAW_INVERTED;
}

/** The 16-bit value of an A-law code. */
export function decodeALaw(byte: number): number {
  const code = byte ^ A_LAW_INVERTED;
  const segment = (code >> 4) & 7;
  const step = ((code & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return (code & SIGN) === 0 ? -magnitude : magnitude;
}
