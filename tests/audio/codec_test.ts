import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createDecoder, encodeSamples, type SampleEncoding } from "@/audio/codec.ts";

const ENCODINGS: readonly SampleEncoding[] = ["pcm16", "pcmu", "pcma"];

Deno.test("PCM bytes are read as 16-bit little-endian samples between −1 and 1", () => {
  const decode = createDecoder("pcm16");

  const samples = decode(Uint8Array.of(0, 0, 1, 0, 0, 0x40, 0, 0x80, 0xff, 0x7f));

  deepEqual([...samples], [0, 1 / 32768, 0.5, -1, 32767 / 32768]);
});

for (const encoding of ENCODINGS) {
  Deno.test(`${encoding} cut at every byte gives the samples of the whole`, () => {
    const bytes = Uint8Array.from({ length: 999 }, (_, i) => i * 37);
    const whole = createDecoder(encoding)(bytes);

    for (const size of [1, 2, 3, 7, 500]) {
      const decode = createDecoder(encoding);
      const parts = cut(bytes, size).flatMap((part) => [...decode(part)]);
      deepEqual(parts, [...whole]);
    }
  });

  Deno.test(`${encoding} reads bytes that begin anywhere in their memory`, () => {
    const bytes = Uint8Array.from({ length: 9 }, (_, i) => i * 31);

    const moved = createDecoder(encoding)(bytes.subarray(1));

    deepEqual(moved, createDecoder(encoding)(bytes.slice(1)));
  });

  Deno.test(`${encoding} makes no samples of no bytes, and forgets nothing over them`, () => {
    const decode = createDecoder(encoding);
    const bytes = encodeSamples(Float32Array.of(0.5), encoding);

    const counts = [
      decode(bytes.subarray(0, 1)),
      decode(new Uint8Array(0)),
      decode(bytes.subarray(1)),
    ]
      .map((samples) => samples.length);

    equal(counts.reduce((sum, count) => sum + count), 1);
    equal(counts[1], 0);
  });

  Deno.test(`${encoding} clips what is too loud and silences what is not a number`, () => {
    const samples = Float32Array.of(7, -7, Infinity, -Infinity, NaN);

    const bytes = encodeSamples(samples, encoding);

    const [loud, low, most, least, none] = createDecoder(encoding)(bytes);
    ok(loud! > 0.97 && most === loud);
    ok(low! < -0.97 && least === low);
    ok(Math.abs(none!) < 0.001);
  });
}

Deno.test("every 16-bit value survives reading and writing", () => {
  const bytes = new Uint8Array(Int16Array.from({ length: 65536 }, (_, i) => i - 32768).buffer);

  const again = encodeSamples(createDecoder("pcm16")(bytes), "pcm16");

  deepEqual(again, bytes);
});

Deno.test("PCM is rounded to the nearest value, a wave and its mirror image alike", () => {
  const samples = Float32Array.of(0.4, 0.5, 0.6, -0.4, -0.5, -0.6).map((value) => value / 32768);

  const bytes = encodeSamples(samples, "pcm16");

  deepEqual([...new Int16Array(bytes.buffer)], [0, 1, 1, 0, -1, -1]);
});

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
}
