import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { PlaybackQueue } from "@/web/playback_queue.ts";

/** One sample is one ms. */
const RATE = 1000;

function play(queue: PlaybackQueue, samples: number): number[] {
  const block = new Float32Array(samples).fill(9);
  queue.render(block);
  return [...block];
}

Deno.test("sound is played in the order it came, across chunks and blocks, then silence", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", Float32Array.of(1, 2, 3));
  queue.push("a", Float32Array.of(4, 5));

  const blocks = [play(queue, 2), play(queue, 2), play(queue, 2)];

  deepEqual(blocks, [[1, 2], [3, 4], [5, 0]]);
  ok(queue.empty);
});

Deno.test("what was played is counted for each item", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", new Float32Array(10));
  queue.push("b", new Float32Array(10));

  const before = queue.played;
  play(queue, 4);
  const first = queue.played;
  play(queue, 9);
  const second = queue.played;

  equal(before, undefined);
  deepEqual(first, { itemId: "a", playedMs: 4 });
  deepEqual(second, { itemId: "b", playedMs: 3 });
});

Deno.test("the count survives running dry, as a reply may go on", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", new Float32Array(3));
  play(queue, 8);
  queue.push("a", new Float32Array(3));
  play(queue, 2);

  deepEqual(queue.played, { itemId: "a", playedMs: 5 });
});

Deno.test("clearing drops what waits within 5 ms, without a click, and says how far it got", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", new Float32Array(100).fill(1));
  play(queue, 10);

  const played = queue.clear();
  const after = play(queue, 8).map((sample) => Math.round(sample * 10) / 10);

  deepEqual(played, { itemId: "a", playedMs: 10 });
  deepEqual(after, [0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0]);
  ok(queue.empty);
});

Deno.test("what comes after clearing is played behind the fade, and counted anew", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", new Float32Array(100).fill(1));
  play(queue, 10);
  queue.clear();
  queue.push("b", Float32Array.of(7, 8));

  const after = play(queue, 8);

  deepEqual(after.slice(5), [7, 8, 0]);
  deepEqual(queue.played, { itemId: "b", playedMs: 2 });
});

Deno.test("clearing before anything sounded says so", () => {
  const queue = new PlaybackQueue(RATE);
  queue.push("a", new Float32Array(100));

  equal(queue.clear(), undefined);
});
