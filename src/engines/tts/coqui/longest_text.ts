/** Longest text of one request in any other script, in characters: XTTS' limit for English. */
const LONGEST = 250;

/**
 * Longest text of one request in characters, by what it is written with: `char_limits` of XTTS' tokeniser, beyond
 * which it cuts its speech off. One script may have several of those languages; the first that a text has counts.
 *
 * @see https://github.com/idiap/coqui-ai-TTS/blob/dev/TTS/tts/layers/xtts/tokenizer.py
 */
const LONGEST_WITH: readonly (readonly [script: RegExp, characters: number])[] = [
  [/[\p{sc=Hiragana}\p{sc=Katakana}]/u, 71],
  [/\p{sc=Han}/u, 82],
  [/\p{sc=Hangul}/u, 95],
  [/\p{sc=Devanagari}/u, 150],
  [/\p{sc=Arabic}/u, 166],
  [/\p{sc=Cyrillic}/u, 182],
];

/** How long a piece of this text may be that XTTS speaks to its end, in characters. */
export function longestText(text: string): number {
  return LONGEST_WITH.find(([script]) => script.test(text))?.[1] ?? LONGEST;
}
