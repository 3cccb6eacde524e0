import { ok, strictEqual as equal } from "node:assert/strict";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";
import { createSilero } from "@/engines/vad/silero.ts";
import { measureCapacity } from "@/server/limits/capacity.ts";
import { MODELS_DIR } from "../../engines/speech.ts";

/** What is measured of a detector that takes so long for each frame, one after the other. */
function capacityOf(frameMs: number, stalls: readonly number[] = []): Promise<number> {
  let clock = 0;
  let heard = 0;
  const vad: VoiceActivityDetector = {
    name: "slow",
    listen: () => () => {
      clock += frameMs + (stalls[heard++] ?? 0);
      return Promise.resolve(0);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return measureCapacity(vad, () => clock);
}

Deno.test("a machine whose detector needs 1 ms for a frame of 32 ms listens to 24 microphones: a quarter is left for stalls", async () => {
  equal(await capacityOf(1), 24);
});

Deno.test("a machine that is busy with something else when it is measured is not taken for a slow one", async () => {
  const busy = Array.from({ length: 300 }, () => 50);

  equal(await capacityOf(1, busy), await capacityOf(1));
});

Deno.test("a machine that is too slow for anything still serves one", async () => {
  equal(await capacityOf(100), 1);
});

Deno.test("the real detector can be measured", async () => {
  await using vad = await createSilero({ modelsDir: MODELS_DIR, inferenceWorkers: 1 });

  const capacity = await measureCapacity(vad);

  ok(capacity >= 1 && capacity < 100_000, `${capacity}`);
});
