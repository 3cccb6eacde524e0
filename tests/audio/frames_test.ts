import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { FRAME_SAMPLES } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import { cut, join } from "./tone.ts";

Deno.test("samples cut anywhere become the same frames", () => {
  const samples = Float32Array.from({ length: 4 * FRAME_SAMPLES + 100 }, (_, i) => i);

  for (const sizes of [[1], [511, 2], [512], [513], [5_000]]) {
    const framer = createFramer();
    const frames = cut(samples, sizes).flatMap((piece) => framer.push(piece));

    equal(frames.length, 4);
    deepEqual(join(frames), samples.subarray(0, 4 * FRAME_SAMPLES));
  }
});

Deno.test("flushing fills the last frame up with silence", () => {
  const framer = createFramer();

  framer.push(Float32Array.of(1, 2, 3));
  const last = framer.flush();

  equal(last?.length, FRAME_SAMPLES);
  deepEqual([...last!.subarray(0, 5)], [1, 2, 3, 0, 0]);
});

Deno.test("flushing gives nothing when nothing is left", () => {
  const framer = createFramer();

  framer.push(new Float32Array(2 * FRAME_SAMPLES));

  equal(framer.flush(), undefined);
});

Deno.test("a flushed framer starts anew", () => {
  const framer = createFramer();
  framer.push(Float32Array.of(9, 9, 9));
  framer.flush();

  const [frame] = framer.push(new Float32Array(FRAME_SAMPLES).fill(1));

  deepEqual(frame, new Float32Array(FRAME_SAMPLES).fill(1));
});

Deno.test("every frame has memory of its own", () => {
  const framer = createFramer();
  const samples = new Float32Array(2 * FRAME_SAMPLES);

  const [first, second] = framer.push(samples);

  notEqual(first!.buffer, second!.buffer);
  notEqual(first!.buffer, samples.buffer);
  equal(first!.buffer.byteLength, FRAME_SAMPLES * 4);
});
