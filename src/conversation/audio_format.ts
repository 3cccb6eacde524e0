import type { SampleEncoding } from "@/audio/codec.ts";
import type { AudioFormat } from "@/conversation/settings.ts";

/** Rate of a wire format, in Hz: G.711 is always 8000. */
export function sampleRateOf(format: AudioFormat): number {
  return format.type === "audio/pcm" ? format.rate : 8000;
}

/** How a wire format writes one sample. */
export function encodingOf(format: AudioFormat): SampleEncoding {
  switch (format.type) {
    case "audio/pcm":
      return "pcm16";
    case "audio/pcmu":
      return "pcmu";
    case "audio/pcma":
      return "pcma";
  }
}

/** Whether two formats are one. */
export function sameFormat(a: AudioFormat, b: AudioFormat): boolean {
  return a.type === b.type && sampleRateOf(a) === sampleRateOf(b);
}
