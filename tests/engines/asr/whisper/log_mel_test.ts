import { ok, strictEqual as equal } from "node:assert/strict";
import { createLogMel, MEL_BANDS, MEL_FRAMES } from "@/engines/asr/whisper/log_mel.ts";
import reference from "./reference.json" with { type: "json" };

const logMel = await createLogMel();

/** A tone and a rising one, as in `make_reference.py`: 2 s, so many times. */
function sound(times: number): Float32Array {
  const once = Float32Array.from({ length: 32_000 }, (_, n) => {
    const rising = 2 * Math.PI * (200 + 1500 * n / 32_000) * n / 16_000;
    return 0.3 * Math.sin(2 * Math.PI * 440 * n / 16_000) + 0.2 * Math.sin(rising);
  });
  return Float32Array.from({ length: times * once.length }, (_, n) => once[n % once.length]!);
}

function compare(mel: Float32Array, points: readonly (readonly number[])[]): void {
  for (const [band, frame, expected] of points) {
    const actual = mel[band! * MEL_FRAMES + frame!]!;
    const where = `band ${band}, frame ${frame}: ${actual}, not ${expected}`;
    ok(Math.abs(actual - expected!) < 2e-4, where);
  }
}

Deno.test("the features are those of the reference, from the mirrored start to the silence behind", () => {
  const mel = logMel(sound(1));

  equal(mel.length, MEL_BANDS * MEL_FRAMES);
  compare(mel, reference.sound);
  const mean = mel.reduce((sum, value) => sum + value, 0) / mel.length;
  ok(Math.abs(mean - reference.meanOfSound) < 1e-4, `${mean}`);
});

Deno.test("a window that is full is mirrored at its end, and more than a window is left out", () => {
  compare(logMel(sound(15)), reference.thirtySeconds);
  compare(logMel(sound(20)), reference.thirtySeconds);
});

Deno.test("silence has the same features everywhere, and so has nothing", () => {
  for (const samples of [new Float32Array(16_000), new Float32Array()]) {
    equal(new Set(logMel(samples)).size, 1);
  }
});
