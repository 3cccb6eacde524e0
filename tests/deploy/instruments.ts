import "@/telemetry/backlog.ts";
import "@/telemetry/event_loop_lag.ts";
import { collectProcessMetrics, METRICS } from "@/telemetry/metrics.ts";

/** What the server can be asked for, by the names that queries use, and the labels of each. Call once. */
export async function readInstruments(): Promise<ReadonlyMap<string, readonly string[]>> {
  collectProcessMetrics();
  const metrics = (await METRICS.getMetricsAsJSON()).map(({ name, type }) => {
    const { labelNames } = METRICS.getSingleMetric(name) as unknown as {
      readonly labelNames: readonly string[];
    };
    return [String(type) === "histogram" ? `${name}_bucket` : name, labelNames] as const;
  });
  return new Map(metrics);
}
