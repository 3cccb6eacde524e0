import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { judgeClose, reconnectDelay } from "@/web/reconnect.ts";

Deno.test("what passes is retried: shutting down, lost, failed, restarted, overloaded", () => {
  const verdicts = [1001, 1005, 1006, 1011, 1012, 1013, 1015].map(judgeClose);

  deepEqual(new Set(verdicts.map(({ retry }) => retry)), new Set([true]));
});

Deno.test("what would only happen again is not retried, and says why", () => {
  const reasons = [1000, 1008, 1009, 4001].map((code) => {
    const verdict = judgeClose(code);
    return verdict.retry ? undefined : verdict.reason;
  });

  deepEqual(reasons, ["ended", "refused", "refused", "taken_over"]);
});

Deno.test("waits double up to a quarter of a minute and are spread over their upper half", () => {
  const shortest = [0, 1, 2, 10, 2000].map((attempt) => reconnectDelay(attempt, 0));
  const longest = [0, 1, 2, 10, 2000].map((attempt) => reconnectDelay(attempt, 1));

  deepEqual(shortest, [250, 500, 1000, 7500, 7500]);
  deepEqual(longest, [500, 1000, 2000, 15_000, 15_000]);
});
