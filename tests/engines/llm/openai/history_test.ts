import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { estimatePrompt, estimateTokens, fitHistory } from "@/engines/llm/openai/history.ts";
import { prompt } from "../../../contracts/llm_contract.ts";

const CALL: readonly Message[] = [
  { role: "user", text: "weather?" },
  { role: "call", callId: "1", name: "weather", arguments: "{}" },
  { role: "output", callId: "1", output: "sunny" },
  { role: "assistant", text: "It is sunny." },
];
const LATER: readonly Message[] = [
  { role: "user", text: "thanks" },
  { role: "assistant", text: "You are welcome." },
];
const LAST: readonly Message[] = [{ role: "user", text: "goodbye" }];

function told(...messages: readonly Message[]): Prompt {
  return { ...prompt(""), messages };
}

Deno.test("a prompt that fits is left as it is", () => {
  const whole = told(...CALL, ...LATER, ...LAST);

  equal(fitHistory(whole, estimatePrompt(whole)), whole);
});

Deno.test("the oldest turns are left out whole: a call goes with its output and its answer", () => {
  const whole = told(...CALL, ...LATER, ...LAST);

  const shorter = fitHistory(whole, estimatePrompt(whole) - 1);

  deepEqual(shorter, told(...LATER, ...LAST));
});

Deno.test("the last turn is kept, however long it is and whatever calls it holds", () => {
  deepEqual(fitHistory(told(...LATER, ...CALL), 0), told(...CALL));
  deepEqual(fitHistory(told(), 0), told());
});

Deno.test("what was said before the user said anything is a turn of its own", () => {
  const greeting: Message = { role: "assistant", text: "Hello, this is your assistant." };
  const whole = told(greeting, ...LATER);

  deepEqual(fitHistory(whole, estimatePrompt(whole) - 1), told(...LATER));
});

Deno.test("instructions and functions count", () => {
  const tools = [{ name: "weather", description: "Tells the weather.".repeat(9) }];
  const plain = told(...CALL, ...LATER);

  const budget = estimatePrompt(plain);

  equal(fitHistory({ ...plain, tools }, budget).messages.length, LATER.length);
  const instructions = "Be kind. ".repeat(20);
  equal(fitHistory({ ...plain, instructions }, budget).messages.length, LATER.length);
});

Deno.test("tokens are not estimated too few, in English or Chinese", () => {
  // Counted in OpenAI's encoding o200k_base, by gpt-tokenizer 4.0.0.
  const counted = {
    "The quick brown fox jumps over the lazy dog.": 10,
    "今天天气很好，我们去公园吧。": 10,
  };

  for (const [text, tokens] of Object.entries(counted)) {
    const estimate = estimateTokens(text);
    ok(estimate >= tokens && estimate <= 2 * tokens, `${text} ${estimate}`);
  }
});
