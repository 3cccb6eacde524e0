import { ok, strictEqual as equal } from "node:assert/strict";
import { watchEventLoop } from "@/telemetry/event_loop_lag.ts";
import { METRICS } from "@/telemetry/metrics.ts";

/** Ms that all looks at the event loop together found it late, and how many there were. */
async function lag(): Promise<{ ms: number; looks: number }> {
  const text = await METRICS.metrics();
  const read = (what: string) =>
    Number(new RegExp(`^chatai_event_loop_lag_seconds_${what} (\\S+)$`, "m").exec(text)?.[1]);
  return { ms: 1000 * read("sum"), looks: read("count") };
}

/** Resolves once the event loop was looked at so many times. */
async function looks(count: number): Promise<void> {
  while ((await lag()).looks < count) await new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a stall of the event loop is told for as long as it lasted, and nothing more once nobody watches", async () => {
  let watching: Disposable | undefined = watchEventLoop();
  await looks(1);
  const before = await lag();

  const until = performance.now() + 300;
  while (performance.now() < until);
  await looks(before.looks + 1);
  watching[Symbol.dispose]();
  watching = undefined;
  const after = await lag();
  await new Promise((resolve) => setTimeout(resolve, 50));

  ok(after.ms - before.ms >= 270, `${after.ms - before.ms} ms`);
  equal((await lag()).looks, after.looks);
});
