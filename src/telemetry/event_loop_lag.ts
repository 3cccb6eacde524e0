import { Histogram } from "@platformatic/prom-client";
import { METRICS } from "@/telemetry/metrics.ts";

/** How often the event loop is looked at, in ms: a stall may be longer than it seems by as much. */
const LOOK_MS = 20;

const lag = new Histogram({
  name: "chatai_event_loop_lag_seconds",
  help: "How late a timer of 20 ms fires: for so long nobody was served.",
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [METRICS],
});

/**
 * Measures how late the event loop is, with a timer. Node's `monitorEventLoopDelay` sees next to nothing of it under
 * Deno 2.9.6: of stalls of 300 ms, only those inside a handler of `Deno.serve`.
 *
 * @returns what ends it
 */
export function watchEventLoop(): Disposable {
  let due = performance.now() + LOOK_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe(Math.max(0, now - due) / 1000);
    due = now + LOOK_MS;
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
