import { ok, rejects, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async/delay";

Deno.test("delay waits at least as long as told and resolves with nothing", async () => {
  const start = performance.now();

  const result = await delay(20);

  equal(result, undefined);
  ok(performance.now() - start >= 19);
});

Deno.test("delay rejects with the signal's reason once it aborts", async () => {
  const controller = new AbortController();
  const reason = new Error("changed my mind");

  const waiting = delay(60_000, { signal: controller.signal });
  controller.abort(reason);

  await rejects(waiting, (error) => error === reason);
});

Deno.test("delay rejects at once on a signal that has already aborted", async () => {
  const signal = AbortSignal.abort();

  const waiting = delay(60_000, { signal });

  await rejects(waiting, { name: "AbortError" });
});

Deno.test("delay leaves no listener on the signal once it is over", async () => {
  const { signal } = new AbortController();
  const listeners = countListeners(signal);

  await delay(1, { signal });

  equal(listeners.added, 1);
  equal(listeners.removed, 1);
});

Deno.test("delay takes a negative or senseless length as none", async () => {
  const lengths = [-5, NaN, -Infinity];

  const results = await Promise.all(lengths.map((ms) => delay(ms)));

  equal(results.length, 3);
});

Deno.test("delay longer than one timer can wait does not end early", async () => {
  const controller = new AbortController();
  let ended = false;

  const waiting = delay(2 ** 31, { signal: controller.signal }).then(() => ended = true);
  await delay(10);
  controller.abort();

  await rejects(waiting, { name: "AbortError" });
  equal(ended, false);
});

function countListeners(signal: AbortSignal): { added: number; removed: number } {
  const counts = { added: 0, removed: 0 };
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    counts.added++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    counts.removed++;
    removeEventListener.apply(signal, args);
  };
  return counts;
}
