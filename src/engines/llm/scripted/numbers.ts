const SMALL = [
  ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
  ...["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"],
  "nineteen",
];
const TENS = [
  ...["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
];
const SCALES: readonly (readonly [string, number])[] = [
  ["billion", 1e9],
  ["million", 1e6],
  ["thousand", 1e3],
];

/** What a recogniser may write where a number was said. */
const HOMOPHONES: Readonly<Record<string, number>> = { to: 2, too: 2, for: 4, won: 1, ate: 8 };

/** A number found among words, and the index of the word after it. */
export interface FoundNumber {
  /** What was said. */
  readonly value: number;
  /** Index of the word after it. */
  readonly next: number;
}

/**
 * Reads the number that begins at a word: digits ("42", "3.5") or English ("forty two", "a hundred and five",
 * "minus three point five"). `undefined` if none does.
 */
export function readNumber(words: readonly string[], at: number): FoundNumber | undefined {
  if (words[at] === "minus" || words[at] === "negative") {
    const positive = readPositive(words, at + 1);
    return positive && { value: -positive.value, next: positive.next };
  }
  return readPositive(words, at);
}

/** As {@linkcode readNumber}, and takes "to", "too", "for" and the like for the numbers they sound like. */
export function readNumberBySound(words: readonly string[], at: number): FoundNumber | undefined {
  const homophone = HOMOPHONES[words[at] ?? ""];
  return readNumber(words, at) ??
    (homophone === undefined ? undefined : { value: homophone, next: at + 1 });
}

/** Every number among the words, in order. */
export function findNumbers(words: readonly string[]): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < words.length;) {
    const found = readNumber(words, at);
    if (found) numbers.push(found.value);
    at = found?.next ?? at + 1;
  }
  return numbers;
}

/** A whole number in English words, below a trillion: 121 is "one hundred twenty-one". */
export function writeNumber(value: number): string {
  if (value < 0) return `minus ${writeNumber(-value)}`;
  for (const [name, scale] of SCALES) {
    if (value >= scale) {
      return join(`${writeNumber(Math.floor(value / scale))} ${name}`, value % scale);
    }
  }
  if (value >= 100) return join(`${writeNumber(Math.floor(value / 100))} hundred`, value % 100);
  if (value < 20) return SMALL[value]!;
  const tens = TENS[Math.floor(value / 10)]!;
  return value % 10 === 0 ? tens : `${tens}-${SMALL[value % 10]}`;
}

function join(head: string, rest: number): string {
  return rest === 0 ? head : `${head} ${writeNumber(rest)}`;
}

function readPositive(words: readonly string[], start: number): FoundNumber | undefined {
  let total = 0;
  let group: number | undefined;
  let largest = Infinity;
  let at = start;

  for (; at < words.length; at++) {
    const word = words[at]!;
    const scale = SCALES.find(([name]) => name === word)?.[1];
    const article = (word === "a" || word === "an") && group === undefined && at === start;
    if (article && isScale(words[at + 1])) group = 1;
    else if (word === "hundred" && group !== undefined && group < 100) group *= 100;
    else if (scale && group !== undefined && scale < largest) {
      total += group * scale;
      largest = scale;
      group = undefined;
    } else if (word === "and" && isScale(words[at - 1]) && at > start && valueOf(words[at + 1])) {
      continue;
    } else {
      const value = valueOf(word);
      const digits = isDigits(word) || isDigits(words[at - 1]);
      if (value === undefined || !fits(group, value, largest)) break;
      if (group !== undefined && digits) break;
      group = (group ?? 0) + value;
    }
  }
  if (at === start) return undefined;
  const whole = total + (group ?? 0);
  return words[at] === "point" ? readDecimals(words, at, whole) : { value: whole, next: at };
}

function readDecimals(words: readonly string[], point: number, whole: number): FoundNumber {
  let digits = "";
  let at = point + 1;
  for (; at < words.length; at++) {
    const value = valueOf(words[at]);
    if (value === undefined || value > 9 && !/^\d+$/.test(words[at]!)) break;
    digits += words[at]!.match(/^\d+$/)?.[0] ?? value;
  }
  return digits === ""
    ? { value: whole, next: point }
    : { value: Number(`${whole}.${digits}`), next: at };
}

function isScale(word: string | undefined): boolean {
  return word === "hundred" || SCALES.some(([name]) => name === word);
}

function isDigits(word: string | undefined): boolean {
  return word !== undefined && /^\d+(\.\d+)?$/.test(word);
}

/** Value of one word that is a number by itself. */
function valueOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  if (isDigits(word)) return Number(word);
  const small = SMALL.indexOf(word);
  if (small >= 0) return small;
  const tens = TENS.indexOf(word);
  return tens >= 2 ? tens * 10 : undefined;
}

/** Whether a value may follow what was read of the group: "twenty" + 5, "hundred" + 20, but not "five" + 20. */
function fits(group: number | undefined, value: number, largest: number): boolean {
  if (group === undefined) return largest === Infinity || value < largest;
  if (value === 0 || !Number.isInteger(value)) return false;
  if (group >= 100 && group % 100 === 0) return value < 100;
  return group >= 20 && group % 10 === 0 && group % 100 !== 0 && value < 10;
}
