import { z } from "zod";
import type { SpeechFormat } from "@/audio/speech_encoders.ts";

const FORMATS = ["mp3", "opus", "wav", "pcm"] as const satisfies readonly SpeechFormat[];

/** What speech is asked for with. */
export const SpeechRequest = z.object({
  input: z.string().min(1).max(4096, "It may have 4096 characters at most")
    .describe("The text to speak."),
  model: z.string().min(1).describe("Any; the engine is the operator's choice."),
  voice: z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
    .describe("A voice of the engine; any other name means its default."),
  response_format: z.enum(FORMATS).default("mp3")
    .describe("MP3, Opus in Ogg, WAV, or 16-bit little-endian samples at 24 kHz."),
  speed: z.number().min(0.25).max(4).default(1),
  stream_format: z.enum(["audio", "sse"]).default("audio")
    .describe("The bytes as they come, or as server-sent events."),
  instructions: z.string().optional().describe("Accepted, and not used."),
}).meta({ title: "SpeechRequest" });

/** {@inheritDoc SpeechRequest} */
export type SpeechRequest = z.infer<typeof SpeechRequest>;

/** What comes back: the bytes of a file. */
export const SpeechFile = z.file().meta({ title: "SpeechFile" });
