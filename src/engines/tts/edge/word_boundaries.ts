import { z } from "zod";
import { unescapeXml } from "@/engines/tts/xml_text.ts";

/** A word of the text, and when it is spoken. */
export interface WordBoundary {
  readonly word: string;
  /** From the beginning of the audio, in ms. */
  readonly offsetMs: number;
}

/** The service counts in units of 100 ns. */
const TICKS_PER_MS = 10_000;

const Metadata = z.object({
  Metadata: z.array(z.union([
    z.object({
      Type: z.literal("WordBoundary"),
      Data: z.object({ Offset: z.number().nonnegative(), text: z.object({ Text: z.string() }) }),
    }),
    z.object({ Type: z.string() }).transform(() => undefined),
  ])),
});

/**
 * Reads a message of metadata. It may also tell of other things, which are left out.
 *
 * @throws {SyntaxError} or {ZodError} if it is none.
 */
export function readWordBoundaries(json: string): WordBoundary[] {
  return Metadata.parse(JSON.parse(json)).Metadata.flatMap((entry) =>
    entry === undefined
      ? []
      : [{ word: unescapeXml(entry.Data.text.Text), offsetMs: entry.Data.Offset / TICKS_PER_MS }]
  );
}
