import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createInbound } from "@/realtime/inbound.ts";

Deno.test("frames come out in the order in which they went in", async () => {
  const inbound = createInbound({ maxBytes: 100, minFrameBytes: 1 });
  inbound.push("a");
  inbound.push(new Uint8Array([1]));
  const taken: unknown[] = [];

  for await (const frame of inbound) {
    taken.push(frame);
    if (taken.length === 2) inbound.push("late");
    if (taken.length === 3) inbound.close();
  }

  deepEqual(taken, ["a", new Uint8Array([1]), "late"]);
});

Deno.test("a reader that waits is woken by the next frame", async () => {
  const inbound = createInbound({ maxBytes: 100, minFrameBytes: 1 });
  const frames = inbound[Symbol.asyncIterator]();
  const next = frames.next();

  inbound.push("a");

  deepEqual(await next, { done: false, value: "a" });
  inbound.close();
});

Deno.test("a full queue takes nothing until something was read", async () => {
  const inbound = createInbound({ maxBytes: 4, minFrameBytes: 1 });
  equal(inbound.push("abcd"), true);
  equal(inbound.push("e"), false);

  await inbound[Symbol.asyncIterator]().next();

  equal(inbound.push("e"), true);
});

Deno.test("many tiny frames fill the queue too", () => {
  const inbound = createInbound({ maxBytes: 512, minFrameBytes: 256 });

  const taken = ["", "", ""].map((frame) => inbound.push(frame));

  deepEqual(taken, [true, true, false]);
});

Deno.test("closing drops what waits and ends the reader", async () => {
  const inbound = createInbound({ maxBytes: 100, minFrameBytes: 1 });
  inbound.push("a");

  inbound.close();

  deepEqual(await Array.fromAsync(inbound), []);
});
