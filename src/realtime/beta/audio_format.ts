import { z } from "zod";
import { AudioFormat } from "@/conversation/settings.ts";

/** The formats that have a name in the beta dialect. */
const NAMED = {
  pcm16: { type: "audio/pcm", rate: 24000 },
  g711_ulaw: { type: "audio/pcmu" },
  g711_alaw: { type: "audio/pcma" },
} as const satisfies Record<string, AudioFormat>;

const FormatName = z.enum(["pcm16", "g711_ulaw", "g711_alaw"]);

/** Encoding of audio by name; our extension of other rates has none, and is written as in GA. */
export const BetaAudioFormat = z.union([FormatName, AudioFormat]);

/** {@inheritDoc BetaAudioFormat} */
export type BetaAudioFormat = z.infer<typeof BetaAudioFormat>;

/** The GA object of a format. */
export function fromBetaFormat(format: BetaAudioFormat): AudioFormat {
  return typeof format === "string" ? NAMED[format] : format;
}

/** The beta name of a format, where it has one. */
export function toBetaFormat(format: AudioFormat): BetaAudioFormat {
  const named = FormatName.options.find((name) =>
    JSON.stringify(NAMED[name]) === JSON.stringify(format)
  );
  return named ?? format;
}
