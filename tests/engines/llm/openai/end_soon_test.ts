import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import type { Chunk } from "@/engines/llm/openai/chunk.ts";
import { endSoon } from "@/engines/llm/openai/end_soon.ts";

const WORDS: Chunk = { choices: [{ delta: { content: "Hi" } }] };
const REASON: Chunk = { choices: [{ finish_reason: "stop" }] };
const COUNT: Chunk = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } };

/** Chunks of a server that keeps its stream open. */
async function* open(...chunks: readonly Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks;
  await new Promise(() => {});
}

/** What has come of chunks so far, and whether that is all. */
function read(chunks: AsyncIterable<Chunk>): { readonly come: Chunk[]; readonly over: boolean } {
  const reading = { come: [] as Chunk[], over: false };
  (async () => {
    for await (const chunk of endSoon(chunks)) reading.come.push(chunk);
    reading.over = true;
  })();
  return reading;
}

Deno.test("a reply whose server keeps the stream open ends half a second after its reason", async () => {
  using time = new FakeTime();
  const reading = read(open(WORDS, REASON, COUNT));

  await time.tickAsync(499);
  const before = reading.over;
  await time.tickAsync(1);
  await time.runMicrotasks();

  deepEqual(reading, { come: [WORDS, REASON, COUNT], over: true });
  equal(before, false);
});

Deno.test("a reply without a reason is waited for", async () => {
  using time = new FakeTime();
  const reading = read(open(WORDS, { choices: [{ finish_reason: "" }] }));

  await time.tickAsync(60_000);

  equal(reading.over, false);
});

Deno.test("a reply whose server ends the stream ends with it, and leaves no timer behind", async () => {
  const chunks = [WORDS, REASON, COUNT];

  const come = await Array.fromAsync(endSoon(ReadableStream.from(chunks)));

  deepEqual(come, chunks);
});

Deno.test("a reader that is long busy with the last words still gets the count of tokens", async () => {
  using time = new FakeTime();
  const last: Chunk = { choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }] };
  const reader = endSoon(open(last, COUNT));
  await reader.next();
  await time.tickAsync(60_000);

  const next = await reader.next();

  deepEqual(next, { done: false, value: COUNT });
  await reader.return(undefined);
});
