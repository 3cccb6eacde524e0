import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { backlogMs, forgetQueue, watchQueue } from "@/telemetry/backlog.ts";
import { METRICS } from "@/telemetry/metrics.ts";

/** The samples of both gauges. */
async function samples(): Promise<string[]> {
  const text = await METRICS.metrics();
  return text.split("\n").filter((line) => /^chatai_queue_(depth|age_seconds)\{/.test(line));
}

Deno.test("what waits before an engine is told for all its Workers together, and as nothing once it is done", async () => {
  const [first, second] = [[1, 0], [3, 1500]].map(([depth, age]) => ({
    engine: "moonshine",
    depth: () => depth!,
    age: () => age!,
  }));
  watchQueue(first!);
  watchQueue(second!);

  const busy = [backlogMs(), await samples()];
  forgetQueue(first!);
  forgetQueue(second!);
  const idle = [backlogMs(), await samples()];

  deepEqual(busy, [1500, [
    'chatai_queue_depth{engine="moonshine"} 4',
    'chatai_queue_age_seconds{engine="moonshine"} 1.5',
  ]]);
  deepEqual(idle, [0, [
    'chatai_queue_depth{engine="moonshine"} 0',
    'chatai_queue_age_seconds{engine="moonshine"} 0',
  ]]);
});
