import type { SampleEncoding } from "@/audio/codec.ts";
import type { AudioFormat } from "@/conversation/settings.ts";

const ENCODINGS: Readonly<Record<AudioFormat["type"], SampleEncoding>> = {
  "audio/pcm": "pcm16",
  "audio/pcmu": "pcmu",
  "audio/pcma": "pcma",
};

/** How samples of a wire format are written as bytes. */
export function encodingOf(format: AudioFormat): SampleEncoding {
  return ENCODINGS[format.type];
}
