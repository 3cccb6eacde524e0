import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { trimSilence } from "@/engines/tts/flite/trim_silence.ts";

Deno.test("trimSilence keeps 25 ms before the first sound and the given time after the last", () => {
  const samples = new Float32Array(1000);
  samples.fill(0.5, 400, 500);

  const trimmed = trimSilence({ samples, sampleRate: 1000 }, 80);

  equal(trimmed.length, 25 + 100 + 80);
  equal(trimmed.findIndex((sample) => sample !== 0), 25);
});

Deno.test("trimSilence adds silence at the end where there is too little", () => {
  const samples = new Float32Array(10).fill(0.5);

  const trimmed = trimSilence({ samples, sampleRate: 1000 }, 20);

  deepEqual([...trimmed], [...Array(10).fill(0.5), ...Array(20).fill(0)]);
});

Deno.test("trimSilence leaves nothing of silence", () => {
  equal(trimSilence({ samples: new Float32Array(500), sampleRate: 1000 }, 80).length, 0);
});
