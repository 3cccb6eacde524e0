import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createStopSteps } from "@/server/stop_signal.ts";

Deno.test("signals that come with the first one are the first one, and a later one ends the process", () => {
  let nowMs = 5000;
  const step = createStopSteps(() => nowMs);
  const steps = [step()];

  for (const ms of [5000, 5999, 6000]) {
    nowMs = ms;
    steps.push(step());
  }

  deepEqual(steps, ["begin", "heard", "heard", "exit"]);
});
