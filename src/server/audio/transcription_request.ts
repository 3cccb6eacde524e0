import { z } from "zod";

/** How a transcription is told. */
export const TranscriptionFormat = z.enum(["json", "text", "verbose_json", "srt", "vtt"]);

/** {@inheritDoc TranscriptionFormat} */
export type TranscriptionFormat = z.infer<typeof TranscriptionFormat>;

/** What a transcription is asked for with: the fields of a form, so all but the file are text. */
export const TranscriptionRequest = z.object({
  file: z.file()
    .describe("WAV, MP3, FLAC, or Opus in Ogg or WebM. Told by its content, whatever its name."),
  model: z.string().min(1).describe("Any; the engine is the operator's choice."),
  language: z.string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, "It must be a language tag such as en or de-CH")
    .optional().describe("Language of the recording; the server's own without it."),
  prompt: z.string().optional().describe("Words to expect, where the engine can make use of them."),
  response_format: TranscriptionFormat.default("json"),
  stream: z.enum(["true", "false"]).default("false").describe("Answers with server-sent events."),
  temperature: z.coerce.number().min(0).max(1).default(0).describe("Accepted, and not used."),
  timestamp_granularities: z.array(
    z.enum(["segment", "word"]).refine((value) => value !== "word", {
      error: "The times of words are not known here: ask for 'segment'",
    }),
  ).optional(),
  include: z.array(z.string()).max(0, "The likelihood of words is not known here").optional(),
}).refine(
  ({ stream, response_format }) => stream === "false" || isText(response_format),
  {
    path: ["stream"],
    error: "A stream is of 'json' or 'text': events have no place for times",
  },
).meta({ title: "TranscriptionRequest" });

/** {@inheritDoc TranscriptionRequest} */
export type TranscriptionRequest = z.infer<typeof TranscriptionRequest>;

function isText(format: TranscriptionFormat): boolean {
  return format === "json" || format === "text";
}
