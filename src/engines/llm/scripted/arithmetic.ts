import { type FoundNumber, readNumberBySound } from "@/engines/llm/scripted/numbers.ts";

interface Operator {
  readonly name: string;
  /** What may be said for it. */
  readonly words: readonly string[];
  readonly binds: "tightly" | "loosely";
  readonly apply: (left: number, right: number) => number;
}

const OPERATORS: readonly Operator[] = [
  { name: "plus", words: ["plus", "added to"], binds: "loosely", apply: (a, b) => a + b },
  {
    name: "minus",
    words: ["minus", "take away", "less"],
    binds: "loosely",
    apply: (a, b) => a - b,
  },
  { name: "times", words: ["times", "multiplied by"], binds: "tightly", apply: (a, b) => a * b },
  {
    name: "divided by",
    words: ["divided by", "divided", "over"],
    binds: "tightly",
    apply: (a, b) => a / b,
  },
  {
    name: "percent of",
    words: ["percent of", "per cent of"],
    binds: "tightly",
    apply: (a, b) => a * b / 100,
  },
];

/** "add 3 and 4": the verb or noun, what stands between the numbers, and what it means. */
const PHRASES: readonly {
  readonly lead: RegExp;
  readonly between: RegExp;
  readonly operator: string;
  readonly swapped?: boolean;
}[] = [
  { lead: /^(add|sum of)$/, between: /^(and|to)$/, operator: "plus" },
  { lead: /^subtract$/, between: /^from$/, operator: "minus", swapped: true },
  { lead: /^difference (of|between)$/, between: /^and$/, operator: "minus" },
  { lead: /^(multiply|product of)$/, between: /^(by|and|with)$/, operator: "times" },
  { lead: /^divide$/, between: /^by$/, operator: "divided by" },
];

interface Sum {
  readonly operands: readonly number[];
  readonly operators: readonly Operator[];
}

/**
 * Does the sum among the words, if there is one: "what is seventeen plus 25" → "17 plus 25 is 42."
 * Multiplication and division come first, as at school.
 */
export function doSum(words: readonly string[]): string | undefined {
  const sum = findSum(words) ?? findPhrase(words);
  if (!sum) return undefined;
  const result = evaluate(sum);
  if (!Number.isFinite(result)) return "I cannot divide by zero. Nobody can.";
  if (Math.abs(result) >= 1e15) return "That is a bigger number than I can say.";
  const question = sum.operands
    .map((operand, index) => [sayNumber(operand), sum.operators[index]?.name].join(" ").trim())
    .join(" ");
  const rounded = Number(result.toFixed(4));
  return `${question} is ${rounded === result ? "" : "about "}${sayNumber(rounded)}.`;
}

function findSum(words: readonly string[]): Sum | undefined {
  for (let at = 0; at < words.length; at++) {
    // A word that only sounds like a number is one only where an operator follows.
    const first = readNumberBySound(words, at);
    if (!first) continue;
    const operands = [first.value];
    const operators: Operator[] = [];
    let next = first.next;
    for (let step = readStep(words, next); step; step = readStep(words, next)) {
      operators.push(step.operator);
      operands.push(step.operand.value);
      next = step.operand.next;
    }
    if (operators.length > 0) return { operands, operators };
  }
  return undefined;
}

function readStep(
  words: readonly string[],
  at: number,
): { readonly operator: Operator; readonly operand: FoundNumber } | undefined {
  for (const operator of OPERATORS) {
    for (const name of operator.words) {
      const length = name.split(" ").length;
      if (words.slice(at, at + length).join(" ") !== name) continue;
      const operand = readNumberBySound(words, at + length);
      if (operand) return { operator, operand };
    }
  }
  return undefined;
}

function findPhrase(words: readonly string[]): Sum | undefined {
  for (let at = 0; at < words.length; at++) {
    for (const { lead, between, operator, swapped } of PHRASES) {
      const length = [1, 2].find((count) => lead.test(words.slice(at, at + count).join(" ")));
      if (!length) continue;
      const left = readNumberBySound(words, at + length);
      if (!left || !between.test(words[left.next] ?? "")) continue;
      const right = readNumberBySound(words, left.next + 1);
      if (!right) continue;
      const operands = [left.value, right.value];
      return {
        operands: swapped ? operands.reverse() : operands,
        operators: OPERATORS.filter(({ name }) => name === operator),
      };
    }
  }
  return undefined;
}

function evaluate({ operands, operators }: Sum): number {
  const terms = [operands[0]!];
  const between: Operator[] = [];
  for (const [index, operator] of operators.entries()) {
    const right = operands[index + 1]!;
    if (operator.binds === "tightly") terms.push(operator.apply(terms.pop()!, right));
    else {
      terms.push(right);
      between.push(operator);
    }
  }
  return terms.reduce((left, right, index) => between[index - 1]!.apply(left, right));
}

/** Digits, which a voice reads and a page shows well; "minus" in place of the sign. */
function sayNumber(value: number): string {
  return value < 0 ? `minus ${-value}` : `${value}`;
}
