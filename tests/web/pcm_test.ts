import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { PcmDecoder, PcmEncoder } from "@/web/pcm.ts";

Deno.test("sound becomes chunks of 20 ms, whatever pieces it comes in", () => {
  const encoder = new PcmEncoder(24_000);

  const chunks = Array.from({ length: 10 }, () => encoder.encode([new Float32Array(128)])).flat();

  deepEqual(chunks.map(({ byteLength }) => byteLength), [960, 960]);
});

Deno.test("sound of another rate is brought to 24 kHz", () => {
  const encoder = new PcmEncoder(48_000);

  const chunks = encoder.encode([new Float32Array(48_000)]);

  equal(chunks.length, 49); // one second, less what the filter and the last chunk hold back
});

Deno.test("sound that is too loud is clipped, not wrapped around", () => {
  const encoder = new PcmEncoder(24_000);

  const [chunk] = encoder.encode([Float32Array.from({ length: 480 }, (_, i) => i % 2 ? -2 : 2)]);

  deepEqual([...new Int16Array(chunk!)].slice(0, 2), [32767, -32767]);
});

Deno.test("two channels become one", () => {
  const encoder = new PcmEncoder(24_000);

  const [chunk] = encoder.encode([
    new Float32Array(480).fill(0.5),
    new Float32Array(480).fill(-0.5),
  ]);

  deepEqual(new Int16Array(chunk!), new Int16Array(480));
});

Deno.test("what comes over the wire is full scale from −1 to 1", () => {
  const decoder = new PcmDecoder(24_000);

  const samples = decoder.decode(Int16Array.of(-32768, 0, 16384).buffer);

  deepEqual([...samples], [-1, 0, 0.5]);
});
