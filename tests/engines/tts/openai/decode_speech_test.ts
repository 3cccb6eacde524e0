import { deepStrictEqual as deepEqual, ok, rejects } from "node:assert/strict";
import { createMp3Encoder } from "wasm-media-encoders";
import { encodeSamples } from "@/audio/codec.ts";
import { encodeWav } from "@/audio/wav.ts";
import { decodeSpeech } from "@/engines/tts/openai/decode_speech.ts";
import type { Speech } from "@/engines/tts/engine.ts";

const RATE = 16_000;
const TONE = Float32Array.from({ length: RATE }, (_, i) => 0.5 * Math.sin(i / 10));

/** The speech of a response whose body comes in pieces of a size. */
function decode(
  bytes: Uint8Array<ArrayBuffer>,
  { type, size = bytes.length }: { type?: string; size?: number },
): Promise<Speech[]> {
  const pieces = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
  const headers = type === undefined ? {} : { "content-type": type };
  return Array.fromAsync(decodeSpeech(new Response(ReadableStream.from(pieces), { headers })));
}

function samplesOf(speech: readonly Speech[]): number[] {
  return speech.flatMap(({ samples }) => [...samples]);
}

async function mp3(): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await createMp3Encoder();
  encoder.configure({ channels: 1, sampleRate: RATE, bitrate: 64 });
  const body = encoder.encode([TONE]).slice();
  return await new Blob([body, encoder.finalize().slice()]).bytes();
}

Deno.test("raw samples are read wherever the bytes are cut, at 24 kHz or at what the server says", async () => {
  const bytes = encodeSamples(TONE.subarray(0, 1000), "pcm16");
  const whole = samplesOf(await decode(bytes, {}));

  for (const size of [1, 3, 7, 999]) {
    deepEqual(samplesOf(await decode(bytes, { type: "audio/pcm", size })), whole, String(size));
  }
  const rate = async (type: string) => (await decode(bytes, { type }))[0]?.sampleRate;
  deepEqual(
    [await rate("application/octet-stream"), await rate("audio/pcm;rate=16000;channels=1")],
    [24_000, 16_000],
  );
});

Deno.test("audio/L16 is what the API calls pcm: one channel, little endian, at the rate that it tells", async () => {
  const bytes = encodeSamples(TONE.subarray(0, 1000), "pcm16");
  const whole = samplesOf(await decode(bytes, {}));

  const types = [
    "audio/L16",
    "audio/l16; rate=22050; channels=1",
    'audio/L16;codec=pcm;rate="8000"',
  ];
  const heard = await Promise.all(types.map((type) => decode(bytes, { type })));

  deepEqual(heard.map(([first]) => first?.sampleRate), [24_000, 22_050, 8000]);
  for (const speech of heard) deepEqual(samplesOf(speech), whole);
});

Deno.test("raw samples of two channels, or big endian ones, are not played as what they are not", async () => {
  const bytes = encodeSamples(TONE.subarray(0, 1000), "pcm16");

  for (const what of ["channels=2", "channels=10", "endianness=big-endian"]) {
    await rejects(decode(bytes, { type: `audio/L16;rate=24000;${what}` }), {
      failure: "malformed",
    });
  }
});

Deno.test("a WAV file is known by its type or by its first bytes, wherever they are cut", async () => {
  const file = encodeWav({ samples: TONE, sampleRate: RATE });

  for (
    const [type, size] of [["audio/x-wav", 1000], ["audio/pcm", 3], ["audio/mpeg", 5]] as const
  ) {
    const speech = await decode(file, { type, size });

    deepEqual(new Set(speech.map(({ sampleRate }) => sampleRate)), new Set([RATE]), type);
    deepEqual(samplesOf(speech).length, TONE.length, type);
  }
});

Deno.test("an MP3 file is decoded as it comes", async () => {
  const speech = await decode(await mp3(), { type: "audio/mpeg", size: 500 });

  deepEqual(new Set(speech.map(({ sampleRate }) => sampleRate)), new Set([RATE]));
  const { length } = samplesOf(speech);
  ok(length >= TONE.length && length < TONE.length * 1.2, `${length} samples`);
  ok(speech.length > 3);
});

Deno.test("what is no speech is an error, and so is nothing", async () => {
  const html = new TextEncoder().encode("<!doctype html>");
  const riff = new TextEncoder().encode("RIFF....AVI LIST and so on");

  await rejects(decode(html, { type: "text/html" }), { failure: "malformed" });
  await rejects(decode(html, { type: "audio/ogg" }), { failure: "malformed" });
  await rejects(decode(riff, { type: "audio/wav" }), { failure: "malformed" });
  await rejects(decode(new Uint8Array(), { type: "audio/pcm" }), { failure: "malformed" });
});
