/** Chinese and Japanese characters, and the marks of their width. */
export const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** One text behind the other, with a space where the script has one. */
export function joinText(first: string, second: string): string {
  const [before, after] = [first.trimEnd(), second.trim()];
  if (before === "" || after === "") return before + after;
  const close = UNSPACED.test(before.at(-1)!) || UNSPACED.test(after[0]!) ||
    /^\p{P}/u.test(after);
  return `${before}${close ? "" : " "}${after}`;
}
