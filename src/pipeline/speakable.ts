import { ENGLISH_RULES } from "@/pipeline/speakable_english.ts";
import { MARKUP_RULES, type Rule, TIDY_RULES } from "@/pipeline/speakable_markup.ts";

/** How {@linkcode speakable} is to read a text. */
export interface SpeakableOptions {
  /** BCP 47 tag of the text. `"en"` by default; numbers, symbols and abbreviations are written out in English only. */
  readonly language?: string;
}

/**
 * What a synthesiser should be given for a text that was written to be read: no markup, no emoji, short
 * addresses, and in English amounts, dates, times, units, symbols and abbreviations in words. Text that is plain
 * already stays as it is. `""` if there is nothing to say.
 */
export function speakable(text: string, { language = "en" }: SpeakableOptions = {}): string {
  const english = /^en\b/i.test(language);
  let said = apply(text, MARKUP_RULES);
  if (english) said = apply(said, ENGLISH_RULES);
  said = apply(said, TIDY_RULES);
  return /[\p{L}\p{N}]/u.test(said) ? said.trim() : "";
}

function apply(text: string, rules: readonly Rule[]): string {
  return rules.reduce(
    (result, [pattern, replacement]) =>
      typeof replacement === "string"
        ? result.replace(pattern, replacement)
        : result.replace(pattern, replacement),
    text,
  );
}
