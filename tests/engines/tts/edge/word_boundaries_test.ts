import { deepStrictEqual as deepEqual, throws } from "node:assert/strict";
import { readWordBoundaries } from "@/engines/tts/edge/word_boundaries.ts";

Deno.test("words are read with their times, without escapes, and nothing else is", () => {
  const word = (Text: string, Offset: number) => ({
    Type: "WordBoundary",
    Data: { Offset, Duration: 1, text: { Text, Length: 1, BoundaryType: "WordBoundary" } },
  });
  const json = JSON.stringify({
    Metadata: [
      word("AT&amp;T", 1_000_000),
      { Type: "SentenceBoundary", Data: { Offset: 1 } },
      word("你好", 12_345_000),
      { Type: "SessionEnd", Data: { Offset: 2 } },
    ],
  });

  deepEqual(readWordBoundaries(json), [
    { word: "AT&T", offsetMs: 100 },
    { word: "你好", offsetMs: 1234.5 },
  ]);
});

Deno.test("what is no metadata is refused", () => {
  for (const json of ["", "<html>", "{}", '{"Metadata":[{"Type":1}]}']) {
    throws(() => readWordBoundaries(json));
  }
});
