import { strictEqual as equal } from "node:assert/strict";
import { asciiText } from "@/engines/tts/flite/ascii_text.ts";

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
