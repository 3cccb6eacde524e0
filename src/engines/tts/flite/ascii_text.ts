/** What Flite is given for characters that do not decompose into ASCII. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  "‘": "'",
  "’": "'",
  "‚": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "–": ", ",
  "—": ", ",
  "−": "-",
  "⁄": "/",
  "ß": "ss",
  "æ": "ae",
  "Æ": "Ae",
  "œ": "oe",
  "Œ": "Oe",
  "ø": "o",
  "Ø": "O",
  "ł": "l",
  "Ł": "L",
  "đ": "d",
  "Đ": "D",
  "ð": "d",
  "þ": "th",
  "Þ": "Th",
  "ı": "i",
};

/**
 * The nearest text in ASCII, which is all that Flite reads: accents fall away ("café" → "cafe"), typographic
 * marks become plain ones, anything else (control characters too) becomes a space. `""` if no letter or digit is left.
 */
export function asciiText(text: string): string {
  const ascii = text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^\x20-\x7e]/gu, (character) => SUBSTITUTES[character] ?? " ")
    .replace(/\s+/g, " ")
    .trim();
  return /[a-z0-9]/i.test(ascii) ? ascii : "";
}

/** Whether most letters of a text survive {@linkcode asciiText}; a text without letters has none to lose. */
export function isLegible(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const left = asciiText(text).match(/[a-z]/gi) ?? [];
  return 2 * left.length >= letters.length;
}
