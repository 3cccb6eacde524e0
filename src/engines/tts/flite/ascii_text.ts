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

/**
 * Cuts a text into pieces of at most `maxLength` characters, at the end of a sentence if there is one, else
 * after a comma, else at a space, else anywhere. Joined by spaces they are the text again, unless a word was cut.
 */
export function cutText(text: string, maxLength: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > maxLength) {
    const end = lastCut(rest.slice(0, maxLength + 1)) || maxLength;
    pieces.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trimStart();
  }
  if (rest) pieces.push(rest);
  return pieces;
}

/** Where a text is best cut; 0 if it has no space. */
function lastCut(text: string): number {
  for (const mark of [/^.*[.!?]["')]*(?= )/, /^.*[,;:](?= )/, /^.*\S(?= )/]) {
    const found = mark.exec(text);
    if (found) return found[0].length;
  }
  return 0;
}
