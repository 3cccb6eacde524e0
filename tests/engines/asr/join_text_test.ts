import { strictEqual as equal } from "node:assert/strict";
import { joinText } from "@/engines/asr/join_text.ts";

Deno.test("two pieces of a text are joined with a space where the script has one", () => {
  equal(joinText("Good morning.", "How are you?"), "Good morning. How are you?");
  equal(joinText("你好。", "今天天气怎么样"), "你好。今天天气怎么样");
  equal(joinText("我喜欢", "jazz"), "我喜欢jazz");
  equal(joinText("", "Hello"), "Hello");
  equal(joinText("Hello", " , there"), "Hello, there");
});
