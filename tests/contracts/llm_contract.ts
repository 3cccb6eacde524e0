import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import type { LanguageModel, Prompt, ReplyEnd, ReplyPart, ToolCall } from "@/engines/llm/engine.ts";
import { promptly, RELEASE_MS } from "./promptly.ts";
import { declare, type Skip } from "./skip.ts";

/** Tests of the contract, by what they state. */
export type LlmContractTest =
  | "answers in more than one piece and ends exactly once"
  | "says something when nobody has said anything"
  | "takes a very long conversation"
  | "stops at the limit of tokens and says so"
  | "calls the function it must call"
  | "calls some function if it must"
  | "calls none if it may not"
  | "goes on after a function has answered"
  | "does not start for a signal that has aborted"
  | "releases an aborted caller at once"
  | "does not mix two replies made at once"
  | "stops when its reader does";

/** How to test one model. */
export interface LlmContractOptions {
  /** What this engine cannot do, and why. */
  readonly skip?: readonly Skip<LlmContractTest>[];
}

/** Tests that hold for every language model. `create` is called once per test; the test disposes of the engine. */
export function testLanguageModel(
  name: string,
  create: () => Promise<LanguageModel>,
  { skip = [] }: LlmContractOptions = {},
): void {
  function contract(test: LlmContractTest, run: (llm: LanguageModel) => Promise<void>): void {
    const { name: stated, ignore } = declare(test, skip);
    Deno.test({ name: `${name} ${stated}`, ignore }, async () => {
      await using llm = await create();
      await run(llm);
    });
  }

  contract("answers in more than one piece and ends exactly once", async (llm) => {
    const parts = await collect(llm, prompt("Please tell me a short story."));

    ok(parts.filter((part) => part.kind === "text").length > 1);
    deepEqual(parts.filter((part) => part.kind === "end"), [parts.at(-1)]);
    equal(endOf(parts).reason, "stop");
  });

  contract("says something when nobody has said anything", async (llm) => {
    const parts = await collect(llm, { ...prompt(""), messages: [] });

    ok(textOf(parts).trim().length > 0);
  });

  contract("takes a very long conversation", async (llm) => {
    const turns = Array.from({ length: 500 }, (_, index) =>
      [
        { role: "user", text: `This is remark number ${index}. ${"It is long. ".repeat(20)}` },
        { role: "assistant", text: "I see." },
      ] as const);

    const parts = await collect(llm, {
      ...prompt(""),
      messages: [...turns.flat(), { role: "user", text: "Hello!" }],
    });

    ok(textOf(parts).trim().length > 0);
  });

  contract("stops at the limit of tokens and says so", async (llm) => {
    const parts = await collect(llm, {
      ...prompt("Count out loud from one to one hundred, in words."),
      maxOutputTokens: 5,
    });

    equal(endOf(parts).reason, "length");
    ok((endOf(parts).usage?.outputTokens ?? 0) <= 5);
    ok(textOf(parts).split(/\s+/).length <= 6, textOf(parts));
  });

  contract("calls the function it must call", async (llm) => {
    const parts = await collect(llm, {
      ...prompt("What is the weather like in Paris?"),
      tools: [CLOCK, WEATHER],
      toolChoice: { name: "get_weather" },
    });

    const [call] = callsOf(parts);
    equal(call?.name, "get_weather");
    ok(call.callId.length > 0);
    equal(typeof JSON.parse(call.arguments).city, "string");
  });

  contract("calls some function if it must", async (llm) => {
    const parts = await collect(llm, {
      ...prompt("Hello."),
      tools: [CLOCK, WEATHER],
      toolChoice: "required",
    });

    ok(callsOf(parts).length > 0);
    for (const call of callsOf(parts)) equal(typeof JSON.parse(call.arguments), "object");
  });

  contract("calls none if it may not", async (llm) => {
    const parts = await collect(llm, {
      ...prompt("What is the weather like in Paris?"),
      tools: [CLOCK, WEATHER],
      toolChoice: "none",
    });

    deepEqual(callsOf(parts), []);
    ok(textOf(parts).trim().length > 0);
  });

  contract("goes on after a function has answered", async (llm) => {
    const parts = await collect(llm, {
      ...prompt(""),
      messages: [
        { role: "user", text: "What is the weather like in Paris?" },
        { role: "call", callId: "call_1", name: "get_weather", arguments: '{"city":"Paris"}' },
        { role: "output", callId: "call_1", output: '{"sky":"cloudy"}' },
      ],
      tools: [WEATHER],
    });

    ok(textOf(parts).trim().length > 0);
  });

  contract("does not start for a signal that has aborted", async (llm) => {
    const reason = new Error("too late");

    const reply = collect(llm, prompt("Hello."), AbortSignal.abort(reason));

    await rejects(reply, (error) => error === reason);
  });

  contract("releases an aborted caller at once", async (llm) => {
    await promptly({ released: RELEASE_MS }, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const parts = llm.reply(prompt("Count out loud from one to forty, please."), { signal })
        [Symbol.asyncIterator]();
      await parts.next();
      const abortedAt = performance.now();
      controller.abort();
      await rejects(parts.next(), (error) => error === signal.reason);
      return { released: performance.now() - abortedAt };
    });
  });

  contract("does not mix two replies made at once", async (llm) => {
    const prompts = ["Say the word apple.", "Say the word zebra."].map(prompt);

    const [first, second] = await Promise.all(prompts.map((each) => collect(llm, each)));

    ok(/apple/i.test(textOf(first!)) && !/zebra/i.test(textOf(first!)), textOf(first!));
    ok(/zebra/i.test(textOf(second!)) && !/apple/i.test(textOf(second!)), textOf(second!));
  });

  contract("stops when its reader does", async (llm) => {
    const signal = new AbortController().signal;
    const parts = llm.reply(prompt("Count out loud from one to forty, please."), { signal })
      [Symbol.asyncIterator]();
    await parts.next();

    await parts.return?.();

    deepEqual(await parts.next(), { done: true, value: undefined });
  });
}

const WEATHER = {
  name: "get_weather",
  description: "Tells the weather in a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const CLOCK = { name: "set_alarm", parameters: { type: "object", properties: {} } };

/** A prompt in which the user says one thing. */
export function prompt(text: string): Prompt {
  return {
    instructions: "Be brief.",
    messages: [{ role: "user", text }],
    tools: [],
    toolChoice: "auto",
    maxOutputTokens: "inf",
  };
}

/** All parts of a reply. */
export function collect(
  llm: LanguageModel,
  prompt: Prompt,
  signal: AbortSignal = new AbortController().signal,
): Promise<ReplyPart[]> {
  return Array.fromAsync(llm.reply(prompt, { signal }));
}

/** What a reply says. */
export function textOf(parts: readonly ReplyPart[]): string {
  return parts.map((part) => part.kind === "text" ? part.text : "").join("");
}

/** What a reply calls. */
export function callsOf(parts: readonly ReplyPart[]): ToolCall[] {
  return parts.filter((part) => part.kind === "toolCall");
}

function endOf(parts: readonly ReplyPart[]): ReplyEnd {
  const end = parts.at(-1);
  if (end?.kind !== "end") throw new Error("The reply has no end");
  return end;
}
