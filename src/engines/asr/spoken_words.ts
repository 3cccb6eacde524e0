import { UNSPACED } from "@/engines/asr/join_text.ts";

/**
 * A note of what was heard that is no speech: `[BLANK_AUDIO]`, `(wind blowing)`, `*music*`, `♪ la la ♪`. One in
 * parentheses or stars has a letter: `(555)` may be a number that was said.
 */
const NOTE = new RegExp(
  [
    "\\[[^\\[\\]]*\\]",
    "【[^【】]*】",
    "\\([^()]*\\p{L}[^()]*\\)",
    "（[^（）]*\\p{L}[^（）]*）",
    "\\*[^*]*\\p{L}[^*]*\\*",
    "♪[^♪]*♪",
  ].join("|"),
  "gu",
);

/** A note in square brackets before or behind the words, which is nothing but letters. */
const NOTE_AT_EDGE = /^(?:\[[\p{L}\p{M}_ ]+\]\s+)+|(?:\s+\[[\p{L}\p{M}_ ]+\])+$/gu;

const BREAK_IN_UNSPACED = new RegExp(
  `(?<=${UNSPACED.source})\\s*\\n\\s*(?=${UNSPACED.source})`,
  "gu",
);

/**
 * What of a recogniser's text was said, in one line: `""` where nothing was.
 *
 * Whisper learned from subtitles, and writes notes of sounds as they do; whisper.cpp passes them on unless it is told
 * not to, and writes each segment on a line of its own. A text that is nothing but notes and marks has no words.
 * Where there are words, they stay as they are, for parentheses may be the user's. Only notes in square brackets go,
 * and only before and behind all words: in the middle they tell what is missing (`I want [inaudible], please`).
 */
export function spokenWords(text: string): string {
  const line = text.trim().replaceAll(BREAK_IN_UNSPACED, "").replaceAll(/\s+/g, " ");
  if (!/[\p{L}\p{N}]/u.test(line.replaceAll(NOTE, ""))) return "";
  return line.replaceAll(NOTE_AT_EDGE, "");
}
