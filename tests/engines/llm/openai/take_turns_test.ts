import { deepStrictEqual as deepEqual } from "node:assert/strict";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { takeTurns } from "@/engines/llm/openai/take_turns.ts";
import { prompt } from "../../../contracts/llm_contract.ts";

const LISTENING: Message = { role: "user", text: "(The user is listening.)" };

function take(messages: readonly Message[], changes: Partial<Prompt> = {}): Prompt {
  return takeTurns({ ...prompt(""), ...changes, messages });
}

Deno.test("what one speaker says in a row is one message of several lines", () => {
  const { messages } = take([
    { role: "user", text: "Hello." },
    { role: "user", text: "Are you there?" },
    { role: "assistant", text: "Yes." },
    { role: "assistant", text: "I am." },
    { role: "user", text: "Good." },
  ]);

  deepEqual(messages, [
    { role: "user", text: "Hello.\nAre you there?" },
    { role: "assistant", text: "Yes.\nI am." },
    { role: "user", text: "Good." },
  ]);
});

Deno.test("system messages before anything else belong to the instructions", () => {
  const messages: Message[] = [
    { role: "system", text: "The user is called Ada." },
    { role: "user", text: "Hello." },
  ];

  const [led, leaderless] = [take(messages), take(messages, { instructions: "" })];

  deepEqual(led.instructions, "Be brief.\nThe user is called Ada.");
  deepEqual(leaderless.instructions, "The user is called Ada.");
  deepEqual(led.messages, [{ role: "user", text: "Hello." }]);
});

Deno.test("a later system message stays where it is, marked as not the user's", () => {
  const { messages } = take([
    { role: "user", text: "Hello." },
    { role: "assistant", text: "Hello!" },
    { role: "system", text: "The user has been silent since." },
  ]);

  deepEqual(messages, [
    { role: "user", text: "Hello." },
    { role: "assistant", text: "Hello!" },
    { role: "user", text: "[system] The user has been silent since." },
  ]);
});

Deno.test("a conversation begins and ends with the user, even if they have said nothing", () => {
  const nothing = take([]);
  const system = take([{ role: "system", text: "Greet them." }]);
  const greeting = take([{ role: "assistant", text: "Welcome." }]);

  deepEqual(nothing.messages, [LISTENING]);
  deepEqual([system.instructions, system.messages], ["Be brief.\nGreet them.", [LISTENING]]);
  deepEqual(greeting.messages, [LISTENING, { role: "assistant", text: "Welcome." }, LISTENING]);
});

Deno.test("calls and outputs are neither parted nor joined, and the assistant has its word behind them", () => {
  const calls: Message[] = [
    { role: "call", callId: "1", name: "weather", arguments: "{}" },
    { role: "call", callId: "2", name: "weather", arguments: "{}" },
    { role: "output", callId: "1", output: "rain" },
    { role: "output", callId: "2", output: "sun" },
  ];

  const answered = take([{ role: "assistant", text: "Let me look." }, ...calls]);
  const unheard = take([...calls, { role: "user", text: "Well?" }]);

  deepEqual(answered.messages, [LISTENING, { role: "assistant", text: "Let me look." }, ...calls]);
  deepEqual(unheard.messages, [
    LISTENING,
    ...calls,
    { role: "assistant", text: "…" },
    { role: "user", text: "Well?" },
  ]);
});
