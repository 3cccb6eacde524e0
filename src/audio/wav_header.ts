import { encodeWav } from "@/audio/wav.ts";

/** A length that nobody knows yet, as OpenAI's server, ffmpeg and sox write it. */
const UNKNOWN = 0xffff_ffff;

/** The beginning of a WAV file of 16-bit mono samples whose length is not known yet. Its readers go on to the end. */
export function streamingWavHeader(sampleRate: number): Uint8Array<ArrayBuffer> {
  const header = encodeWav({ samples: new Float32Array(), sampleRate });
  const view = new DataView(header.buffer);
  view.setUint32(4, UNKNOWN, true);
  view.setUint32(header.length - 4, UNKNOWN, true);
  return header;
}
