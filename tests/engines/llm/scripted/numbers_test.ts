import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { findNumbers, readNumber, writeNumber } from "@/engines/llm/scripted/numbers.ts";
import { plainWords } from "@/engines/llm/scripted/words.ts";
import { createDraw } from "../../../fakes/draw.ts";

Deno.test("a number that is written in words is read back as the same number", () => {
  const draw = createDraw();
  for (let round = 0; round < 500; round++) {
    const value = draw.int(-1, 1) * draw.int(0, 10 ** draw.int(1, 12) - 1) || 0;

    const words = plainWords(writeNumber(value)).split(" ");

    deepEqual(readNumber(words, 0), { value, next: words.length }, `seed ${draw.seed}: ${value}`);
  }
});

Deno.test("numbers are read as people say them", () => {
  const table = [
    ["a hundred and five", [105]],
    ["two thousand and one", [2001]],
    ["three point one four", [3.14]],
    ["minus 2.5", [-2.5]],
    ["3 million", [3_000_000]],
    ["five six", [5, 6]],
    ["twenty five and six", [25, 6]],
    ["20 5", [20, 5]],
    ["a dog and 2 cats", [2]],
    ["no numbers at all", []],
  ] as const;

  for (const [text, numbers] of table) deepEqual(findNumbers(text.split(" ")), numbers, text);
});

Deno.test("typed and transcribed words are the same plain words", () => {
  equal(plainWords("What’s 1,250 × 3?"), "what is 1250 times 3");
  equal(plainWords("I'm at the café — it's 4:30!"), "i am at the cafe it is 4:30");
  equal(plainWords("twenty-five"), "twenty five");
  equal(plainWords("17-25 and -3"), "17 minus 25 and minus 3");
});
