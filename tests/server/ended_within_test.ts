import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { endedWithin } from "@/server/ended_within.ts";

/** A stream whose end the test decides. */
function open() {
  let controller!: ReadableStreamDefaultController<number>;
  const reasons: unknown[] = [];
  const stream = new ReadableStream<number>({
    start: (opened) => void (controller = opened),
    cancel: (reason) => void reasons.push(reason),
  });
  return { stream, controller, reasons };
}

Deno.test("a stream that ends in time is all there", async () => {
  deepEqual(await endedWithin(ReadableStream.from([1, 2]), 1000), { kind: "ended", parts: [1, 2] });
  deepEqual(await endedWithin(ReadableStream.from([]), 1000), { kind: "ended", parts: [] });
});

Deno.test("a stream that takes longer goes on, from its first part to its last", async () => {
  using time = new FakeTime();
  const { stream, controller } = open();
  const waiting = endedWithin(stream, 1000);
  controller.enqueue(1);
  controller.enqueue(2);

  await time.tickAsync(1000);
  const result = await waiting;
  controller.enqueue(3);
  controller.close();

  deepEqual(result.kind === "running" && await Array.fromAsync(result.stream), [1, 2, 3]);
});

Deno.test("a stream that fails in time fails here, one that fails later where it did", async () => {
  using time = new FakeTime();
  const failure = new Error("no");
  const early = open();
  early.controller.error(failure);
  const late = open();
  const waiting = endedWithin(late.stream, 1000);
  late.controller.enqueue(1);

  await rejects(endedWithin(early.stream, 1000), (error) => error === failure);
  await time.tickAsync(1000);
  const result = await waiting;
  late.controller.error(failure);

  await rejects(
    Array.fromAsync(result.kind === "running" ? result.stream : []),
    (error) => error === failure,
  );
});

Deno.test("cancelling what goes on cancels the stream", async () => {
  using time = new FakeTime();
  const { stream, reasons } = open();
  const waiting = endedWithin(stream, 1000);

  await time.tickAsync(1000);
  const result = await waiting;
  if (result.kind === "running") await result.stream.cancel("enough");

  deepEqual(reasons, ["enough"]);
});
