import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { generatorStage } from "@/pipeline/generator_stage.ts";

async function* double(source: ReadableStream<number>) {
  for await (const item of source) yield item * 2;
}

/** Lets everything happen that is already under way. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a generator stage passes on what its generator makes of each item, and ends with its input", async () => {
  const items = ReadableStream.from([1, 2, 3]);

  const made = await Array.fromAsync(
    items.pipeThrough(generatorStage(double, { highWaterMark: 0 })),
  );

  deepEqual(made, [2, 4, 6]);
});

Deno.test("a generator stage makes one item for each read", async () => {
  let made = 0;
  const stage = generatorStage<number, number>(async function* (source) {
    for await (const item of source) for (;;) yield item + made++;
  }, { highWaterMark: 0 });
  const reader = ReadableStream.from([0]).pipeThrough(stage).getReader();

  await settle();
  const before = made;
  await reader.read();
  await reader.read();
  await settle();

  equal(before, 0);
  equal(made, 2);
  await reader.cancel();
});

Deno.test("a generator stage makes as many items ahead of its reader as its high-water mark says", async () => {
  let made = 0;
  const stage = generatorStage<number, number>(async function* () {
    for (;;) yield made++;
  }, { highWaterMark: 3 });

  await settle();

  equal(made, 3);
  await stage.readable.cancel();
});

Deno.test("a generator stage does not read its input further than its generator does", async () => {
  let pulled = 0;
  const input = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(pulled++),
  }, { highWaterMark: 0 });
  const reader = input.pipeThrough(generatorStage(double, { highWaterMark: 0 })).getReader();

  await reader.read();
  await settle();

  equal(pulled <= 3, true, `${pulled} items pulled for one read`); // one in use, two in the queues between
  await reader.cancel();
});

Deno.test("a generator stuck in an await does not hold the pipe after an abort", async () => {
  const stuck = Promise.withResolvers<never>();
  const stage = generatorStage<number, number>(async function* (source) {
    for await (const _ of source) yield await stuck.promise;
  }, { highWaterMark: 0 });
  const abort = new AbortController();
  let sourceCancelled: unknown;
  const input = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(1),
    cancel(reason) {
      sourceCancelled = reason;
    },
  });
  const piped = input.pipeThrough(stage).pipeTo(new WritableStream(), { signal: abort.signal });

  await settle();
  abort.abort("barge-in");

  await rejects(piped, (reason) => reason === "barge-in");
  await settle();
  equal(sourceCancelled, "barge-in");
});

Deno.test("a late error of a generator that was let go is nobody's business", async () => {
  const stuck = Promise.withResolvers<never>();
  const stage = generatorStage<number, number>(async function* () {
    yield await stuck.promise;
  }, { highWaterMark: 1 });

  await settle();
  await stage.readable.cancel("enough");
  stuck.reject(new Error("late"));
  await settle();

  equal(stage.readable.locked, false); // an unhandled rejection would have failed the test
});

Deno.test("cancelling a generator stage runs the generator's clean-up", async () => {
  let cleaned = false;
  const stage = generatorStage<number, number>(async function* (source) {
    try {
      for await (const item of source) yield item;
    } finally {
      cleaned = true;
    }
  }, { highWaterMark: 0 });
  const writer = stage.writable.getWriter();
  const reader = stage.readable.getReader();

  writer.write(1).catch(() => {});
  await reader.read();
  const waiting = reader.read();
  await reader.cancel("enough");
  await settle();

  equal((await waiting).done, true);
  equal(cleaned, true);
  await rejects(writer.write(2), (reason) => reason === "enough");
});

Deno.test("aborting the writable of a generator stage errors its readable at once", async () => {
  const stuck = Promise.withResolvers<never>();
  const stage = generatorStage<number, number>(async function* (source) {
    for await (const _ of source) yield await stuck.promise;
  }, { highWaterMark: 0 });
  const writer = stage.writable.getWriter();
  const reader = stage.readable.getReader();
  const failed = rejects(reader.read(), (reason) => reason === "gone");

  writer.write(1).catch(() => {});
  writer.write(2).catch(() => {}); // stays under way: the generator does not come for it
  await settle();
  await writer.abort("gone");

  await failed;
});

Deno.test("an error of the generator errors the readable and stops the input", async () => {
  const failure = new Error("no voice");
  let sourceCancelled: unknown;
  const input = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(1),
    cancel(reason) {
      sourceCancelled = reason;
    },
  });
  const stage = generatorStage<number, number>(async function* (source) {
    for await (const item of source) {
      yield item;
      throw failure;
    }
  }, { highWaterMark: 0 });
  const reader = input.pipeThrough(stage).getReader();

  await reader.read();

  await rejects(reader.read(), (error) => error === failure);
  await settle();
  equal(sourceCancelled, failure);
});

Deno.test("a function that throws before it yields errors the readable", async () => {
  const failure = new Error("bad voice");
  const stage = generatorStage<number, number>(() => {
    throw failure;
  }, { highWaterMark: 0 });

  const reading = stage.readable.getReader().read();

  await rejects(reading, (error) => error === failure);
});

Deno.test("an error of the input reaches the reader of a generator stage", async () => {
  const failure = new Error("cut off");
  const input = new ReadableStream<number>({
    start: (controller) => controller.error(failure),
  });

  const made = Array.fromAsync(input.pipeThrough(generatorStage(double, { highWaterMark: 0 })));

  await rejects(made, (error) => error === failure);
});

Deno.test("a generator that wants no more input still says its last words", async () => {
  const stage = generatorStage<number, string>(async function* (source) {
    for await (const item of source) {
      yield `first ${item}`;
      break;
    }
    yield "done";
  }, { highWaterMark: 0 });
  let sourceCancelled = false;
  let next = 0;
  const input = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(next++),
    cancel() {
      sourceCancelled = true;
    },
  });

  const made = await Array.fromAsync(input.pipeThrough(stage));

  deepEqual(made, ["first 0", "done"]);
  await settle();
  equal(sourceCancelled, true);
});

Deno.test("an endless input stops when the generator wants no more of it, though it goes on talking", async () => {
  let cancelled = false;
  const input = new ReadableStream<number>({
    pull: (controller) => controller.enqueue(1),
    cancel() {
      cancelled = true;
    },
  });
  const stage = generatorStage<number, number>(async function* (source) {
    const reader = source.getReader();
    await reader.read();
    await reader.cancel();
    for (;;) yield 1;
  }, { highWaterMark: 0 });
  const reader = input.pipeThrough(stage).getReader();

  await reader.read();
  await settle();

  equal(cancelled, true);
  equal((await reader.read()).value, 1);
  await reader.cancel();
});
