/** Where a text is best cut, best first. A European mark needs a space behind it: "3.5", "a,b". */
const MARKS = [
  /^.*(?:[.!?]["')]*(?= )|[。！？…][”’」』）]*(?=.))/u,
  /^.*(?:[,;:](?= )|[，、；：](?=.))/u,
  /^.*\S(?= )/u,
];

/**
 * Cuts a text that is to be spoken into pieces of at most `maxLength` characters: at the end of a sentence if there
 * is one, else after a comma, else at a space, else anywhere. Joined they are the text again, but for its white
 * space. A text without words has none.
 */
export function cutText(text: string, maxLength: number): string[] {
  if (!/[\p{L}\p{N}]/u.test(text)) return [];
  const pieces: string[] = [];
  let rest = text.replaceAll(/\s+/g, " ").trim();
  while (rest.length > maxLength) {
    const end = lastCut(rest.slice(0, maxLength + 1)) || lastCharacter(rest, maxLength);
    pieces.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trimStart();
  }
  if (rest) pieces.push(rest);
  return pieces;
}

/** Where a text is best cut; 0 if it has no such place. */
function lastCut(text: string): number {
  for (const mark of MARKS) {
    const found = mark.exec(text);
    if (found) return found[0].length;
  }
  return 0;
}

/** The end of the last whole character before a place: some are two long. */
function lastCharacter(text: string, end: number): number {
  const half = /[\ud800-\udbff]/.test(text.charAt(end - 1)) && end > 1;
  return half ? end - 1 : end;
}
