import { z } from "zod";

const token = z.int().nonnegative();

const generation = z.object({
  decoder_start_token_id: token,
  eos_token_id: token,
  no_timestamps_token_id: token,
  task_to_id: z.object({ transcribe: token }),
  lang_to_id: z.record(z.string().regex(/^<\|\w+\|>$/), token),
  suppress_tokens: z.array(token),
  begin_suppress_tokens: z.array(token),
});

/** Whisper's tokens that are no words. */
export interface WhisperSettings {
  readonly startToken: number;
  /** Every token above it is no word either. */
  readonly endToken: number;
  readonly transcribeToken: number;
  readonly noTimestampsToken: number;
  /** What follows the start where nobody speaks. */
  readonly noSpeechToken: number;
  /** By language, e.g. `"zh"`. */
  readonly languageTokens: Readonly<Record<string, number>>;
  /** Never written: sounds, notes, and signs that only subtitles have. */
  readonly suppressed: readonly number[];
  /** Never written first. */
  readonly suppressedFirst: readonly number[];
}

/** Languages that Whisper knows under another name than BCP 47 has for them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cmn: "zh",
  yue: "zh",
  nb: "no",
  fil: "tl",
  jv: "jw",
  iw: "he",
};

/**
 * Reads a model's `generation_config.json`.
 *
 * @throws {SyntaxError | z.ZodError} If it is none of a multilingual Whisper.
 */
export function readSettings(json: string): WhisperSettings {
  const config = generation.parse(JSON.parse(json));
  return {
    startToken: config.decoder_start_token_id,
    endToken: config.eos_token_id,
    transcribeToken: config.task_to_id.transcribe,
    noTimestampsToken: config.no_timestamps_token_id,
    noSpeechToken: config.no_timestamps_token_id - 1,
    languageTokens: Object.fromEntries(
      Object.entries(config.lang_to_id).map(([name, id]) => [name.slice(2, -2), id]),
    ),
    suppressed: config.suppress_tokens,
    suppressedFirst: config.begin_suppress_tokens,
  };
}

/** The token of a language by its BCP 47 tag; `undefined` if Whisper does not know it, and had better find out. */
export function languageToken(
  { languageTokens }: WhisperSettings,
  tag: string | undefined,
): number | undefined {
  const language = tag?.split("-")[0]?.toLowerCase() ?? "";
  return languageTokens[OTHER_NAMES[language] ?? language];
}
