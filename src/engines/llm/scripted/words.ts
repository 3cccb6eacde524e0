/** What is written out, so that skills have one spelling of everything to look for. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/[’‘`]/g, "'"],
  [/(\d),(?=\d{3}(?!\d))/g, "$1"],
  [/%/g, " percent "],
  [/[+]/g, " plus "],
  [/[×*]/g, " times "],
  [/(\d)\s*x\s*(?=\d)/g, "$1 times "],
  [/÷/g, " divided by "],
  [/(\d)\s*\/\s*(?=\d)/g, "$1 divided by "],
  [/=/g, " equals "],
  [/(\d)\s*[-−–]\s*(?=\d)/g, "$1 minus "],
  [/(^|\s)[-−](?=\d)/g, "$1minus "],
  [/\b(what|who|that|it|how|where|there|here|name)'s\b/g, "$1 is"],
  [/\bwhats\b/g, "what is"],
  [/\bi'm\b/g, "i am"],
  [/\b(you|we|they)'re\b/g, "$1 are"],
  [/\b(i|you|we|they)'ve\b/g, "$1 have"],
  [/[^\p{L}\p{N}'.:\s]/gu, " "],
  [/(?<!\d)[.:]|[.:](?!\d)/g, " "],
  [/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu, " "],
];

/**
 * What was said, in lower case, without accents and punctuation, with symbols written out: the same whether it
 * was typed or transcribed. Dots and colons stay within numbers, apostrophes within words.
 */
export function plainWords(text: string): string {
  let words = text.normalize("NFKD").replace(/\p{Mark}/gu, "").toLowerCase();
  for (const [pattern, spelling] of SPELLINGS) words = words.replace(pattern, spelling);
  return words.replace(/\s+/g, " ").trim();
}

/** The text with a capital at the beginning of each word. */
export function titleCase(text: string): string {
  return text.replace(/(?<![\p{L}'])\p{L}/gu, (letter) => letter.toUpperCase());
}

/** The text with a capital at its beginning. */
export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
