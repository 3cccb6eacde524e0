import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { asciiText, cutText } from "@/engines/tts/flite/ascii_text.ts";

Deno.test("asciiText keeps what can be read and drops what cannot", () => {
  const cases = [
    ["It’s “fine” — naïve café…", 'It\'s "fine" , naive cafe...'],
    ["Straße, smørrebrød, Łódź", "Strasse, smorrebrod, Lodz"],
    ["a\0b\tc\u0007d", "a b c d"],
    ["你好 world 🙂", "world"],
    ["½ of it", "1/2 of it"],
    ["你好", ""],
    ["?!", ""],
  ] as const;

  for (const [text, expected] of cases) equal(asciiText(text), expected);
});

Deno.test("cutText cuts after a sentence, a comma, a word, or anywhere, in this order", () => {
  deepEqual(cutText("One two. Three, four five", 20), ["One two.", "Three, four five"]);
  deepEqual(cutText("One two, three four", 12), ["One two,", "three four"]);
  deepEqual(cutText("One two three four", 12), ["One two", "three four"]);
  deepEqual(cutText("abcdefghij", 4), ["abcd", "efgh", "ij"]);
  deepEqual(cutText("", 4), []);
});

Deno.test("cutText loses nothing and keeps every piece within its length", () => {
  const text = "What is said, is said. No word of it, however long, may be lost! ".repeat(40)
    .trim();

  const pieces = cutText(text, 50);

  equal(pieces.join(" "), text);
  ok(pieces.every((piece) => piece.length <= 50 && piece.length > 0));
});
