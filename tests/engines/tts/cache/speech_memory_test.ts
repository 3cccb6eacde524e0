import { strictEqual as equal } from "node:assert/strict";
import { createSpeechMemory } from "@/engines/tts/cache/speech_memory.ts";
import type { Speech } from "@/engines/tts/engine.ts";

/** Speech of so many bytes of samples. */
function speech(bytes: number): Speech[] {
  return [{ samples: new Float32Array(bytes / 4), sampleRate: 16_000 }];
}

Deno.test("a full memory forgets what was not asked for the longest", () => {
  const memory = createSpeechMemory(35_000);
  for (const key of ["a", "b", "c"]) memory.put(key, speech(10_000));
  memory.get("a");

  memory.put("d", speech(10_000));

  const kept = ["a", "b", "c", "d"].filter((key) => memory.get(key) !== undefined);
  equal(kept.join(), "a,c,d");
});

Deno.test("speech larger than the memory is not kept, and drives nothing out", () => {
  const memory = createSpeechMemory(20_000);
  memory.put("small", speech(4_000));

  memory.put("large", speech(40_000));

  equal(memory.get("large"), undefined);
  equal(memory.get("small")?.length, 1);
});

Deno.test("speech that is put again takes the place of what was there", () => {
  const memory = createSpeechMemory(30_000);
  for (let i = 0; i < 10; i++) memory.put("same", speech(10_000));

  memory.put("other", speech(10_000));

  equal(memory.get("same")?.[0]?.samples.length, 2_500);
  equal(memory.get("other")?.[0]?.samples.length, 2_500);
});

Deno.test("a piece of a larger buffer is kept without the rest of it", () => {
  const memory = createSpeechMemory(1_000_000);
  const buffer = new Float32Array(100_000).fill(0.5);

  memory.put("piece", [{ samples: buffer.subarray(10, 20), sampleRate: 16_000 }]);

  const kept = memory.get("piece")?.[0]?.samples;
  equal(kept?.buffer.byteLength, 40);
  equal(kept?.[9], 0.5);
});

Deno.test("an empty memory keeps nothing", () => {
  const memory = createSpeechMemory(0);

  memory.put("a", []);

  equal(memory.get("a"), undefined);
});
