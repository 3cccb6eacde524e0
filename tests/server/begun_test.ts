import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { begun } from "@/server/begun.ts";

Deno.test("a stream that has begun still holds all its parts", async () => {
  deepEqual(await Array.fromAsync(await begun(ReadableStream.from([1, 2, 3]))), [1, 2, 3]);
  deepEqual(await Array.fromAsync(await begun(ReadableStream.from([]))), []);
});

Deno.test("a stream that fails before its first part never begins", async () => {
  const failure = new Error("no");
  const stream = new ReadableStream({ start: (controller) => controller.error(failure) });

  await rejects(begun(stream), (error) => error === failure);
});

Deno.test("a stream that fails later fails where it did", async () => {
  const failure = new Error("no");
  async function* parts() {
    yield 1;
    throw failure;
  }

  const stream = await begun(ReadableStream.from(parts()));

  const reader = stream.getReader();
  deepEqual(await reader.read(), { done: false, value: 1 });
  await rejects(reader.read(), (error) => error === failure);
});

Deno.test("cancelling what has begun cancels the stream, read or not", async () => {
  const reasons: unknown[] = [];
  const create = () =>
    new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      cancel: (reason) => void reasons.push(reason),
    });

  await (await begun(create())).cancel("early");
  const reader = (await begun(create())).getReader();
  await reader.read();
  await reader.cancel("late");

  deepEqual(reasons, ["early", "late"]);
});

Deno.test("a stream that has begun is read no further than its reader reads", async () => {
  let pulled = 0;
  const stream = await begun(
    new ReadableStream<number>({ pull: (controller) => controller.enqueue(++pulled) }, {
      highWaterMark: 0,
    }),
  );

  await new Promise((resolve) => setTimeout(resolve));

  equal(pulled, 1);
  await stream.cancel();
});
