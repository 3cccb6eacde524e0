import { deepStrictEqual as deepEqual, strictEqual as equal, throws } from "node:assert/strict";
import type { Item } from "@/conversation/item.ts";
import type { ResponseOverrides } from "@/conversation/overrides.ts";
import { buildPrompt } from "@/conversation/prompt.ts";
import { defaultSettings } from "@/conversation/settings.ts";
import type { Message } from "@/engines/llm/engine.ts";

const base = { object: "realtime.item", status: "completed" } as const;

const settings = {
  ...defaultSettings({ model: "m", instructions: "Be brief.", voice: "slt" }),
  tools: [{ type: "function" as const, name: "time", description: "Tells it", strict: true }],
  tool_choice: { type: "function" as const, name: "time" },
  max_output_tokens: 100,
};

Deno.test("a prompt holds what everybody said, speech by its transcript", () => {
  const items: Item[] = [
    { ...base, id: "s", type: "message", role: "system", content: [text("Rules.")] },
    user("u1", [{ type: "input_audio", transcript: "Hello." }]),
    assistant("a1", [{ type: "output_audio", transcript: "Good" }]),
    user("u2", [text("Look:"), { type: "input_audio", transcript: "this." }]),
    assistant("a2", [{ type: "output_text", text: "I see." }]),
  ];

  const { messages } = build(items);

  deepEqual(messages, [
    { role: "system", text: "Rules." },
    { role: "user", text: "Hello." },
    { role: "assistant", text: "Good" },
    { role: "user", text: "Look:\nthis." },
    { role: "assistant", text: "I see." },
  ]);
});

Deno.test("a prompt leaves out what has no words", () => {
  const items: Item[] = [
    user("u1", [{ type: "input_audio", transcript: null }]),
    user("u2", [{ type: "input_audio", transcript: " " }]),
    assistant("a1", [{ type: "output_audio", transcript: "" }]),
    assistant("a2", []),
    user("u3", [text("Hello.")]),
  ];

  const { messages } = build(items);

  deepEqual(messages, [{ role: "user", text: "Hello." }]);
});

Deno.test("a prompt takes its options from the session", () => {
  const prompt = build([]);

  equal(prompt.instructions, "Be brief.");
  deepEqual(prompt.tools, [{ name: "time", description: "Tells it", parameters: undefined }]);
  deepEqual(prompt.toolChoice, { name: "time" });
  equal(prompt.maxOutputTokens, 100);
});

Deno.test("a response's own options win, empty ones too", () => {
  const prompt = build([], {
    instructions: "",
    tools: [],
    tool_choice: "none",
    max_output_tokens: "inf",
  });

  deepEqual(prompt, {
    instructions: "",
    messages: [],
    tools: [],
    toolChoice: "none",
    maxOutputTokens: "inf",
  });
});

Deno.test("the output of a call stands right behind it, whatever was said meanwhile", () => {
  const items: Item[] = [
    call("1"),
    call("2"),
    user("u", [text("Well?")]),
    output("2"),
    output("1"),
  ];

  const { messages } = build(items);

  deepEqual(messages.map(brief), ["call 1", "call 2", "output 1: 1!", "output 2: 2!", "user"]);
});

Deno.test("calls made one after the other keep their outputs apart", () => {
  const items: Item[] = [
    call("1"),
    output("1"),
    assistant("a", [{ type: "output_text", text: "And now:" }]),
    call("2"),
    output("2"),
  ];

  const { messages } = build(items);

  deepEqual(messages.map(brief), [
    "call 1",
    "output 1: 1!",
    "assistant",
    "call 2",
    "output 2: 2!",
  ]);
});

Deno.test("a call that has no output yet says so, so that the model does not call again", () => {
  const { messages } = build([call("1"), user("u", [text("Well?")])]);

  deepEqual(messages.map(brief), ["call 1", "output 1: (no result yet)", "user"]);
});

Deno.test("a call that was broken off and an output whose call was deleted are left out", () => {
  const broken: Item = { ...call("1"), status: "incomplete" };

  const { messages } = build([broken, output("1"), output("2")]);

  deepEqual(messages, []);
});

Deno.test("a response's input takes the place of the conversation, references resolved", () => {
  const items = [user("u1", [text("One")]), user("u2", [text("Two")])];

  const { messages } = build(items, {
    input: [{ type: "item_reference", id: "u2" }, user("new", [text("Three")])],
  });

  deepEqual(messages.map((message) => "text" in message && message.text), ["Two", "Three"]);
  deepEqual(build(items, { input: [] }).messages, []);
});

Deno.test("a reference to an item that is not there is the client's mistake", () => {
  const overrides: ResponseOverrides = { input: [{ type: "item_reference", id: "u9" }] };

  throws(() => build([], overrides), {
    name: "InvalidRequest",
    code: "item_retrieve_invalid_item_id",
    param: "response.input",
    message: /u9/,
  });
});

function build(items: readonly Item[], overrides: ResponseOverrides = {}) {
  return buildPrompt({ items, settings, overrides });
}

function brief(message: Message): string {
  if (message.role === "call") return `call ${message.callId}`;
  if (message.role === "output") return `output ${message.callId}: ${message.output}`;
  return message.role;
}

function text(text: string) {
  return { type: "input_text" as const, text };
}

type ContentOf<Role> = Extract<Item, { role: Role }>["content"];

function user(id: string, content: ContentOf<"user">): Item {
  return { ...base, id, type: "message", role: "user", content };
}

function assistant(id: string, content: ContentOf<"assistant">): Item {
  return { ...base, id, type: "message", role: "assistant", content };
}

function call(callId: string): Item {
  return {
    ...base,
    id: `item_${callId}`,
    type: "function_call",
    call_id: callId,
    name: "time",
    arguments: "{}",
  };
}

function output(callId: string): Item {
  return {
    ...base,
    id: `out_${callId}`,
    type: "function_call_output",
    call_id: callId,
    output: `${callId}!`,
  };
}
