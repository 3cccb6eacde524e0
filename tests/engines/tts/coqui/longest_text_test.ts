import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { longestText } from "@/engines/tts/coqui/longest_text.ts";

Deno.test("how long a text may be depends on what it is written with", () => {
  const texts = ["Hello", "你好", "日本語です", "한국어", "हिन्दी", "مرحبا", "Привет", "Say 你好!"];

  const longest = texts.map(longestText);

  deepEqual(longest, [250, 82, 71, 95, 150, 166, 182, 82]);
});
