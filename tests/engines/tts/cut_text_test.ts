import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { cutText } from "@/engines/tts/cut_text.ts";

Deno.test("cutText cuts after a sentence, a comma, a word, or anywhere, in this order", () => {
  deepEqual(cutText("One two. Three, four five", 20), ["One two.", "Three, four five"]);
  deepEqual(cutText("One two, three four", 12), ["One two,", "three four"]);
  deepEqual(cutText("One two three four", 12), ["One two", "three four"]);
  deepEqual(cutText("abcdefghij", 4), ["abcd", "efgh", "ij"]);
});

Deno.test("cutText takes white space of any kind for a space, and finds nothing to say where there are no words", () => {
  deepEqual(cutText(" One\n\ttwo  three ", 9), ["One two", "three"]);
  for (const text of ["", " \n", "?!", "🙂"]) deepEqual(cutText(text, 4), []);
});

Deno.test("cutText loses nothing and keeps every piece within its length", () => {
  const text = "What is said, is said. No word of it, however long, may be lost! ".repeat(40)
    .trim();

  const pieces = cutText(text, 50);

  equal(pieces.join(" "), text);
  ok(pieces.every((piece) => piece.length <= 50 && piece.length > 0));
});

Deno.test("cutText cuts Chinese after its marks, which have no space behind them", () => {
  deepEqual(cutText("今天很好。我们，去公园吧", 8), ["今天很好。", "我们，去公园吧"]);
  deepEqual(cutText("他说：“走吧！”然后走了", 9), ["他说：“走吧！”", "然后走了"]);
  deepEqual(cutText("我们今天，去公园", 6), ["我们今天，", "去公园"]);
});

Deno.test("cutText cuts no number and no character in two", () => {
  deepEqual(cutText("It is 3.51 m", 9), ["It is", "3.51 m"]);
  deepEqual(cutText("𝒶𝒷𝒸", 3), ["𝒶", "𝒷", "𝒸"]);
});
