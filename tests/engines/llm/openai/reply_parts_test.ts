import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { Chunk } from "@/engines/llm/openai/chunk.ts";
import { replyParts } from "@/engines/llm/openai/reply_parts.ts";
import { EngineError } from "@/errors.ts";

/** The parts made of chunks with these choices. */
function reply(...choices: readonly unknown[]): Promise<ReplyPart[]> {
  return Array.fromAsync(replyParts(chunks(choices)));
}

async function* chunks(choices: readonly unknown[], failure?: Error): AsyncGenerator<Chunk> {
  for (const choice of choices) yield Chunk.parse({ choices: [choice] });
  if (failure) throw failure;
}

/** A reply whose last chunk counts its tokens. */
async function* counted(usage: unknown): AsyncGenerator<Chunk> {
  yield Chunk.parse({ choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }] });
  yield Chunk.parse({ choices: [], usage });
}

const CALL = (args: string) => ({
  delta: { tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: args } }] },
});

Deno.test("the reason for the end is the reply's", async () => {
  const reasons = {
    stop: "stop",
    tool_calls: "stop",
    length: "length",
    content_filter: "filter",
    eos_token: "stop",
  } as const;

  for (const [finish, reason] of Object.entries(reasons)) {
    deepEqual(await reply({ delta: { content: "Hi" } }, { finish_reason: finish }), [
      { kind: "text", text: "Hi" },
      { kind: "end", reason },
    ]);
  }
});

Deno.test("a refusal is said, and ends as what the filter stopped", async () => {
  const parts = await reply(
    { delta: { content: null, refusal: "I cannot " } },
    { delta: { refusal: "help with that." } },
    { delta: {}, finish_reason: "stop" },
  );

  deepEqual(parts, [
    { kind: "text", text: "I cannot " },
    { kind: "text", text: "help with that." },
    { kind: "end", reason: "filter" },
  ]);
});

Deno.test("thoughts are not said", async () => {
  const parts = await reply(
    { delta: { reasoning_content: "Hm.", reasoning: "Hm.", content: "" } },
    { delta: { content: "Yes." }, finish_reason: "stop" },
  );

  deepEqual(parts, [{ kind: "text", text: "Yes." }, { kind: "end", reason: "stop" }]);
});

Deno.test("a count of tokens that cannot be read is absent, whatever is wrong with it, and the reply is whole", async () => {
  const counts = [
    { prompt_tokens: 9, completion_tokens: null },
    { completion_tokens: 9 },
    { prompt_tokens: "9", completion_tokens: 9 },
    { prompt_tokens: 9, completion_tokens: -1 },
    {},
    "none",
  ];

  for (const usage of counts) {
    const parts = await Array.fromAsync(replyParts(counted(usage)));

    deepEqual(parts, [{ kind: "text", text: "Hi" }, { kind: "end", reason: "stop" }]);
  }
});

Deno.test("a server that does not say what it had cached had nothing cached", async () => {
  for (const prompt_tokens_details of [null, {}, { cached_tokens: null }, "none"]) {
    const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details };

    const parts = await Array.fromAsync(replyParts(counted(usage)));

    deepEqual(parts.at(-1), {
      kind: "end",
      reason: "stop",
      usage: { inputTokens: 9, outputTokens: 2, cachedTokens: 0 },
    });
  }
});

Deno.test("broken arguments are an error, unless the limit or the filter broke them", async () => {
  await rejects(reply(CALL('{"city'), { finish_reason: "tool_calls" }), { failure: "malformed" });
  deepEqual(await reply(CALL('{"city'), { finish_reason: "length" }), [
    { kind: "end", reason: "length" },
  ]);
});

Deno.test("a reply that ends without a reason is broken, whatever it said", async () => {
  await rejects(reply({ delta: { content: "I was about to" } }), { failure: "malformed" });
  await rejects(reply(), { failure: "malformed" });
});

Deno.test("a reply is whole with its reason, though the connection breaks before the count of tokens", async () => {
  const broke = new EngineError("broke", { engine: "openai", failure: "unavailable" });
  const said = [{ delta: { content: "Hi" }, finish_reason: "stop" }];

  deepEqual((await Array.fromAsync(replyParts(chunks(said, broke)))).at(-1), {
    kind: "end",
    reason: "stop",
  });
  const aborted = new Error("aborted");
  await rejects(Array.fromAsync(replyParts(chunks(said, aborted))), (error) => error === aborted);
});
