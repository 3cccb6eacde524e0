const WORDS = new Intl.Segmenter("en", { granularity: "word" });

/**
 * Letters that a character counts for when it is spoken: a digit is a word, and a Chinese character a syllable of
 * its own; marks are pauses. Everything else counts nothing.
 */
const WEIGHTS: readonly (readonly [pattern: RegExp, letters: number])[] = [
  [/[\p{sc=Han}]/u, 3],
  [/[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u, 2],
  [/\p{L}/u, 1],
  [/\p{N}/u, 4],
  [/[,;:.!?…—，、；：。！？]/u, 2],
];

/** How long a text takes to say, counted in letters. */
export function letterWeight(text: string): number {
  let letters = 0;
  for (const character of text) {
    letters += WEIGHTS.find(([pattern]) => pattern.test(character))?.[1] ?? 0;
  }
  return letters;
}

/**
 * The beginning of a text that takes no longer to say than so many letters, cut behind a whole word. Words are
 * those of Unicode, in Chinese and Japanese those of ICU's dictionaries.
 */
export function wholeWords(text: string, letters: number): string {
  let end = 0;
  let weight = 0;
  for (const { segment, index, isWordLike } of WORDS.segment(text)) {
    weight += letterWeight(segment);
    if (weight > letters) break;
    if (isWordLike) end = index + segment.length;
  }
  return text.slice(0, end);
}
