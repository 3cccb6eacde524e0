import { readNumber, writeNumber } from "@/engines/llm/scripted/numbers.ts";
import { capitalise } from "@/engines/llm/scripted/words.ts";

/** Most numbers counted in one go. */
const MOST = 1000;

/** Numbers in one sentence: speech starts soon, and an interruption has something to cut. */
const PER_SENTENCE = 10;

/** Words that a recogniser writes for "to", and others that mean it. */
const TO = /^(to|too|two|2|till|until|through)$/;

/** Asks to count, but not how far. */
const JUST_COUNT =
  /^(please |can you |could you |i want you to |start )*count(ing|down)?( out loud| aloud| for me| please| now| down| backwards)*$/;

interface Range {
  readonly from: number;
  readonly to: number;
  /** Above 0; the direction follows from the ends. */
  readonly step: number;
}

/**
 * Counts aloud if the words ask for it: "count to forty", "count out loud from 5 to 12", "count backwards from
 * ten", "count to 50 by fives", "count as far as you can". In words, at most a thousand numbers.
 */
export function countAloud(words: readonly string[]): string | undefined {
  const range = readRange(words);
  if (!range) return undefined;
  const wanted = Math.floor(Math.abs(range.to - range.from) / range.step) + 1;
  const sign = range.to < range.from ? -1 : 1;
  const numbers = Array.from(
    { length: Math.min(wanted, MOST) },
    (_, index) => writeNumber(range.from + sign * index * range.step),
  );
  const sentences = ["Okay."];
  if (wanted > MOST) sentences.push(`I will stop after ${writeNumber(MOST)} numbers.`);
  for (let start = 0; start < numbers.length; start += PER_SENTENCE) {
    sentences.push(`${capitalise(numbers.slice(start, start + PER_SENTENCE).join(", "))}.`);
  }
  return sentences.join(" ");
}

function readRange(words: readonly string[]): Range | undefined {
  const start = words.findIndex((word) => /^(count|counting|countdown)$/.test(word));
  if (start < 0) return undefined;
  const rest = words.slice(start + 1);
  const said = words.join(" ");
  const backwards = /\b(countdown|down|back|backward|backwards|reverse)\b/.test(said);
  const step = readStep(rest);

  const from = readAfter(rest, /^from$/);
  const to = readAfter(rest.slice(from?.next ?? 0), TO) ??
    (from ? readAfter(rest, /^(to|till|until)$/) : firstNumber(rest));
  if (from || to) {
    const last = to?.value;
    if (from) return whole(from.value, last ?? (backwards ? 1 : from.value + 9), step);
    return backwards ? whole(last!, step, step) : whole(step, last!, step);
  }
  if (/\b(as (far|high|long) as|forever|until i|stop you|keep counting)\b/.test(said)) {
    return whole(step, MOST * step, step);
  }
  if (JUST_COUNT.test(said)) {
    return backwards ? whole(10, 1, step) : whole(1, 10, step);
  }
  return undefined;
}

function whole(from: number, to: number, step: number): Range | undefined {
  const ends = [from, to];
  if (!ends.every((end) => Number.isInteger(end) && Math.abs(end) < 1e12)) return undefined;
  return { from, to, step };
}

/** The number after a word, e.g. after "from". */
function readAfter(words: readonly string[], before: RegExp) {
  for (let at = 0; at < words.length; at++) {
    if (!before.test(words[at]!)) continue;
    const found = readNumber(words, at + 1);
    if (found) return found;
  }
  return undefined;
}

function firstNumber(words: readonly string[]) {
  for (let at = 0; at < words.length; at++) {
    if (words[at - 1] === "by" || words[at - 1] === "of") continue;
    const found = readNumber(words, at);
    if (found) return found;
  }
  return undefined;
}

/** "by twos", "by 5", "in steps of ten". */
function readStep(words: readonly string[]): number {
  const at = words.findIndex((word, index) =>
    word === "by" || word === "of" && /^steps?$/.test(words[index - 1] ?? "")
  );
  if (at < 0) return 1;
  const singular = words.map((word) =>
    word.replace(/^sixes$/, "six").replace(/ies$/, "y").replace(/s$/, "")
  );
  const step = readNumber(singular, at + 1)?.value ?? 1;
  return Number.isInteger(step) && step > 0 ? step : 1;
}
