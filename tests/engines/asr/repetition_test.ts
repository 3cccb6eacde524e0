import { strictEqual as equal } from "node:assert/strict";
import { findLoop } from "@/engines/asr/repetition.ts";

function repeated(tokens: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => tokens).flat();
}

Deno.test("ordinary text is no loop", () => {
  equal(findLoop([5, 9, 2, 5, 9, 3, 8, 8, 1]), undefined);
});

Deno.test("a word said a few times is no loop", () => {
  equal(findLoop([4, ...repeated([7, 3], 6)]), undefined);
});

Deno.test("a single token without end is a loop, of which one is kept", () => {
  equal(findLoop([4, 5, ...repeated([7], 30)]), 3);
});

Deno.test("a phrase without end is a loop, of which one is kept", () => {
  const phrase = [11, 12, 13, 14, 15, 16, 17];

  equal(findLoop([1, 2, ...repeated(phrase, 4)]), 9);
});

Deno.test("a loop is found in the middle of its phrase", () => {
  const phrase = [11, 12, 13, 14, 15, 16, 17];

  equal(findLoop([1, 2, ...repeated(phrase, 4), 11, 12, 13]), 9);
});
