import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createMp3Encoder } from "wasm-media-encoders";
import { createMp3Decoder } from "@/audio/mp3.ts";

const SAMPLE_RATE = 24_000;

/** A second of sound as MP3, each channel at its own level. */
async function mp3(...levels: readonly number[]): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: levels.length as 1 | 2, sampleRate: SAMPLE_RATE, bitrate: 48 });
  const body = encoder.encode(
    levels.map((level) =>
      Float32Array.from({ length: SAMPLE_RATE }, (_, i) => level * Math.sin(i / 10))
    ),
  ).slice();
  return await new Blob([body, encoder.finalize().slice()]).bytes();
}

async function decode(
  file: Uint8Array,
  size: number,
): Promise<{ samples: number[]; rates: Set<number> }> {
  using decoder = await createMp3Decoder();
  const samples: number[] = [];
  const rates = new Set<number>();
  for (let at = 0; at < file.length; at += size) {
    const piece = decoder.decode(file.subarray(at, at + size));
    samples.push(...piece.samples);
    if (piece.samples.length > 0) rates.add(piece.sampleRate);
  }
  return { samples, rates };
}

function loudest(samples: readonly number[]): number {
  return samples.slice(4000, 20_000).reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
}

Deno.test("an MP3 stream is the same wherever it is cut", async () => {
  const file = await mp3(0.5);
  const whole = await decode(file, file.length);

  for (const size of [100, 720, 4096]) deepEqual(await decode(file, size), whole);

  deepEqual([...whole.rates], [SAMPLE_RATE]);
  ok(Math.abs(whole.samples.length - SAMPLE_RATE) < 3000, `${whole.samples.length} samples`);
  ok(Math.abs(loudest(whole.samples) - 0.5) < 0.05, `${loudest(whole.samples)}`);
});

Deno.test("the channels of an MP3 stream are mixed", async () => {
  const file = await mp3(0.6, 0.2);

  const { samples } = await decode(file, 720);

  ok(Math.abs(loudest(samples) - 0.4) < 0.05, `${loudest(samples)}`);
});

Deno.test("the first sound of an MP3 stream comes with its first frames", async () => {
  const file = await mp3(0.5);
  using decoder = await createMp3Decoder();

  ok(decoder.decode(file.subarray(0, 720)).samples.length > 0);
});

Deno.test("what is no MP3 yields nothing", async () => {
  const text = new TextEncoder().encode("<html>Service unavailable</html>".repeat(100));

  equal((await decode(text, 720)).samples.length, 0);
});
