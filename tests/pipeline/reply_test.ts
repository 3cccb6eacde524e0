import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { abortable } from "@std/async/abortable";
import type { LanguageModel, Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { EngineError } from "@/errors.ts";
import { MAX_REPLY_PARTS, reply } from "@/pipeline/reply.ts";

const PROMPT: Prompt = {
  instructions: "Be brief.",
  messages: [{ role: "user", text: "Hello" }],
  tools: [],
  toolChoice: "auto",
  maxOutputTokens: "inf",
};
const live = new AbortController().signal;

function model(think: LanguageModel["reply"]): LanguageModel {
  return { name: "fake", reply: think, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function text(text: string): ReplyPart {
  return { kind: "text", text };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a prompt becomes what the model makes of it", async () => {
  const llm = model(async function* ({ messages }) {
    yield text(`${messages.length} message`);
    yield { kind: "end", reason: "stop" };
  });

  const parts = await Array.fromAsync(
    ReadableStream.from([PROMPT]).pipeThrough(reply(llm, { signal: live })),
  );

  deepEqual(parts, [text("1 message"), { kind: "end", reason: "stop" }]);
});

Deno.test("a reply is thought to its end though nobody reads it yet", async () => {
  let ended = false;
  const llm = model(async function* () {
    for (let i = 0; i < 1000; i++) yield text("word ");
    ended = true;
  });

  const parts = ReadableStream.from([PROMPT]).pipeThrough(reply(llm, { signal: live }));
  await settle();

  equal(ended, true);
  await parts.cancel();
});

Deno.test("a reply without end runs ahead of its reader only so far", async () => {
  let thought = 0;
  const llm = model(async function* () {
    for (;;) {
      thought++;
      yield text("word ");
    }
  });

  const parts = ReadableStream.from([PROMPT]).pipeThrough(reply(llm, { signal: live }));
  for (let i = 0; i < 5; i++) await settle();

  equal(thought, MAX_REPLY_PARTS);
  await parts.cancel();
});

Deno.test("the model is told of an abort, and its failure reaches the reader", async () => {
  const abort = new AbortController();
  const llm = model(async function* (_, { signal }) {
    yield text("Well");
    await abortable(new Promise(() => {}), signal);
  });
  const reader = ReadableStream.from([PROMPT])
    .pipeThrough(reply(llm, { signal: abort.signal })).getReader();
  await reader.read();

  abort.abort("barge-in");

  await rejects(reader.read(), (reason) => reason === "barge-in");
});

Deno.test("a failure of the model comes after what it said", async () => {
  const failure = new EngineError("no", { engine: "fake", failure: "unavailable" });
  const llm = model(async function* () {
    yield text("Well");
    throw failure;
  });
  const reader = ReadableStream.from([PROMPT])
    .pipeThrough(reply(llm, { signal: live })).getReader();

  const first = await reader.read();

  deepEqual(first.value, text("Well"));
  await rejects(reader.read(), (error) => error === failure);
});
