/** Sentences of fewer letters join the next one; the first sentence needs only {@linkcode MIN_FIRST_LETTERS}. */
const MIN_LETTERS = 6;

/** "1." is no sentence to begin with, "Hi!" is. */
const MIN_FIRST_LETTERS = 2;

/** A clause this long, in characters, is worth speaking before the rest of the first sentence is there. */
const MIN_CLAUSE = 12;

/**
 * Longest sentence, in UTF-16 units, an ideograph being as long as {@linkcode IDEOGRAPH_LENGTH}: 15 to 20 s of speech,
 * which remote engines still take in one request.
 */
const MAX_LENGTH = 240;

/** Which part of the longest sentence is said at least, where one is cut that is too long. */
const MIN_LONG_CUT = 1 / 3;

/** Letters that are words, or syllables, of their own; one says as much as three letters of an alphabet. */
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

const IDEOGRAPH_LENGTH = 3;

const IDEOGRAPH_FIRST = new RegExp("^" + IDEOGRAPH.source, "u");

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Abbreviations that a capital letter may follow in mid-sentence; others end a sentence more often than not. */
const ABBREVIATION = new RegExp(
  "(?:^|[\\s(\\[\"'“‘«])(?:" + [
    "Mr|Mrs|Ms|Mx|Dr|Prof|St|Sr|Jr|Rev|Hon|Gen|Col|Maj|Capt|Lt|Sgt|Gov|Sen|Rep|Pres|Hr|Fr|Mme|Mlle", // titles
    "e\\.g|i\\.e|cf|vs|viz|approx|incl|z\\.B|d\\.h|bzw|ca|p\\.ej",
    "Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|Mt|Ft|Ave|Blvd",
    "[\\p{Lu}\\p{Ll}]", // an initial
  ].join("|") + ")\\.\\s+$",
  "u",
);

/** "No. 5" and its like, where a number follows; "1. Wash" at the start of a line. */
const BEFORE_NUMBER = /(?:^|[\s([])(?:No|Nos|Nr|Fig|Vol|Ch|Sec|Art|pp?)\.\s+$/iu;
const ENUMERATOR = /(?:^|\n)\s*\d{1,3}[.)]\s+$/u;

/** The end of a clause: a mark and white space, or one of those marks that need none. */
const CLAUSE_END = /(?:[,;:，；：、–—][\s]+|\s-\s+|[，；：、—])$/u;

/**
 * Where to cut text that grows by one character at a time, `pending` ending with the newest: the length of the
 * sentence that is complete, or `undefined`. What follows the cut is never white space, which stays with the
 * sentence before it. Pure, and asked at every character, so that it does not matter how the text arrives.
 *
 * Sentence ends are those of `Intl.Segmenter` (Unicode's UAX 29, any language), except after abbreviations,
 * inside addresses, and where almost nothing was said. The `first` sentence of a reply may end with a clause.
 */
export function nextCut(pending: string, first: boolean): number | undefined {
  if (/[\uD800-\uDBFF]$/.test(pending)) return undefined; // half a character
  const newest = /[\uDC00-\uDFFF]$/.test(pending) ? 2 : 1;
  const at = pending.length - newest;
  if (at > 0 && !/\s/u.test(pending[at]!)) {
    const before = pending.slice(0, at);
    if (endsSentence(before, pending, first)) return at;
    if (first && endsClause(before)) return at;
  }
  const most = longestStart(pending);
  return pending.length > most ? longCut(pending, most) : undefined;
}

function endsSentence(before: string, pending: string, first: boolean): boolean {
  if (/[\p{L}\p{N}\p{M},]$/u.test(before) || !/\p{Sentence_Terminal}|[\n\r…]/u.test(before)) {
    return false;
  }
  const next = pending.slice(before.length);
  const opening = /[。！？]$/u.test(before) && /^[\p{Ps}\p{Pi}]/u.test(next);
  if (!opening && !beginsSegment(pending, before.length)) return false;
  if (/[.!?]$/.test(before) && /^[\p{L}\p{N}]/u.test(next) && !IDEOGRAPH_FIRST.test(next)) {
    return false; // "example.org/find?q=1"
  }
  if (ABBREVIATION.test(before) || ENUMERATOR.test(before)) return false;
  if (BEFORE_NUMBER.test(before) && /^\p{N}/u.test(next)) return false;
  return letters(before) >= (first ? MIN_FIRST_LETTERS : MIN_LETTERS);
}

/** Emphasis closes a sentence as a quotation mark does, which the segmenter knows. */
function beginsSegment(text: string, at: number): boolean {
  return segmenter.segment(text.replace(/[*_~`]/g, '"')).containing(at)?.index === at;
}

function endsClause(before: string): boolean {
  if (!CLAUSE_END.test(before)) return false;
  const ideographs = before.match(IDEOGRAPH)?.length ?? 0;
  const words = before.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu)?.length ?? 0;
  return before.trim().length + (IDEOGRAPH_LENGTH - 1) * ideographs >= MIN_CLAUSE &&
    words + ideographs >= 2;
}

function letters(text: string): number {
  const ideographs = text.match(IDEOGRAPH)?.length ?? 0;
  return (text.match(/\p{L}/gu)?.length ?? 0) + (IDEOGRAPH_LENGTH - 1) * ideographs;
}

/** How much of the text is no longer than a sentence may be, in UTF-16 units. */
function longestStart(text: string): number {
  let [length, units] = [0, 0];
  for (const character of text) {
    length += IDEOGRAPH_FIRST.test(character) ? IDEOGRAPH_LENGTH : character.length;
    if (length > MAX_LENGTH) break;
    units += character.length;
  }
  return units;
}

/** Cuts before the last clause or word within `most` units, or in mid-word where there is neither. */
function longCut(pending: string, most: number): number {
  let word: number | undefined;
  for (let at = most; at >= most * MIN_LONG_CUT; at--) {
    if (/\s/u.test(pending[at]!)) continue;
    const before = pending.slice(0, at);
    if (CLAUSE_END.test(before)) return at;
    if (/\s$/u.test(before)) word ??= at;
  }
  return word ?? most;
}
