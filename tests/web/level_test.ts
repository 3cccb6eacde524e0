import { ok, strictEqual as equal } from "node:assert/strict";
import { meterLevel } from "@/web/level.ts";

Deno.test("silence is 0, full scale is 1, and half of the scale is 30 dB down", () => {
  const half = meterLevel(new Float32Array(100).fill(10 ** (-30 / 20)));

  equal(meterLevel(new Float32Array(100)), 0);
  equal(meterLevel(new Float32Array(100).fill(1)), 1);
  ok(Math.abs(half - 0.5) < 1e-6);
});

Deno.test("sound quieter than a quiet room does not show", () => {
  equal(meterLevel(new Float32Array(100).fill(1e-5)), 0);
});
