import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createDecoder, encodeSamples } from "@/audio/codec.ts";
import { createAudioMemory, MAX_AUDIO_BYTES } from "@/conversation/audio_memory.ts";
import type { AudioFormat } from "@/conversation/settings.ts";
import { spokenText, tones } from "../fakes/scripted_synthesiser.ts";

const PCM_16K: AudioFormat = { type: "audio/pcm", rate: 16_000 };
const PCM_24K: AudioFormat = { type: "audio/pcm", rate: 24_000 };
const SAME = { kept: PCM_16K, wanted: PCM_16K };

/** Samples of half the memory. */
const HALF = new Float32Array(MAX_AUDIO_BYTES / 4);

Deno.test("audio is read as it was recorded, however it was cut into pieces", () => {
  const memory = createAudioMemory();
  const samples = tones("hello", { sampleRate: 16_000, letterMs: 40 });

  const record = memory.record("a", SAME);
  record(samples.subarray(0, 333));
  record(samples.subarray(333));

  deepEqual(memory.read("a"), encodeSamples(samples, "pcm16"));
  equal(memory.samplesOf("a"), samples.length);
});

Deno.test("audio is handed out in the format that is wanted", () => {
  const formats = [
    [PCM_24K, "pcm16", 24_000],
    [{ type: "audio/pcmu" }, "pcmu", 8_000],
    [{ type: "audio/pcma" }, "pcma", 8_000],
  ] as const;
  const samples = tones("back", { sampleRate: 16_000, letterMs: 40 });

  for (const [wanted, encoding, sampleRate] of formats) {
    const memory = createAudioMemory();
    memory.record("a", { kept: PCM_16K, wanted })(samples);

    const heard = createDecoder(encoding)(memory.read("a")!);

    equal(heard.length, samples.length / 16_000 * sampleRate);
    equal(spokenText(heard, { sampleRate, letterMs: 40 }), "back");
  }
});

Deno.test("a cut keeps the beginning, and a later one may keep more", () => {
  const memory = createAudioMemory();
  const samples = Float32Array.from({ length: 100 }, (_, i) => i / 100);
  const record = memory.record("a", SAME);
  record(samples);

  memory.cut("a", 0);
  const none = memory.read("a");
  memory.cut("a", 30);
  record(samples);
  const some = memory.read("a");
  memory.cut("a", Infinity);

  deepEqual(none, new Uint8Array());
  deepEqual(some, encodeSamples(samples.subarray(0, 30), "pcm16"));
  equal(memory.read("a")!.length, 400);
});

Deno.test("the oldest items lose their audio when there is too much", () => {
  const memory = createAudioMemory();

  for (const id of ["a", "b", "c"]) memory.record(id, SAME)(HALF);

  deepEqual(["a", "b", "c"].map((id) => memory.read(id)?.length), [
    undefined,
    HALF.length * 2,
    HALF.length * 2,
  ]);
});

Deno.test("an item that is too long alone keeps nothing, rather than a part", () => {
  const memory = createAudioMemory();
  const record = memory.record("a", SAME);

  for (let i = 0; i < 4; i++) record(HALF);
  memory.record("b", SAME)(HALF);

  equal(memory.read("a"), undefined);
  ok(memory.read("b"));
});

Deno.test("what is forgotten makes room, and takes no more", () => {
  const memory = createAudioMemory();
  const record = memory.record("a", SAME);
  record(HALF);

  memory.forget("a");
  record(HALF);
  for (const id of ["b", "c"]) memory.record(id, SAME)(HALF);

  equal(memory.read("a"), undefined);
  equal(memory.samplesOf("a"), 0);
  ok(memory.read("b") && memory.read("c"));
});
