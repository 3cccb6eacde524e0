import { collectProcessMetrics, METRICS } from "@/telemetry/metrics.ts";

/** Instruments that are being made elsewhere, with their labels: to be deleted as soon as they are there. */
const AWAITED = {
  chatai_event_loop_lag_seconds_bucket: [],
  chatai_queue_age_seconds: ["engine"],
};

/** What the server can be asked for, by the names that queries use, and the labels of each. Call once. */
export async function readInstruments(): Promise<ReadonlyMap<string, readonly string[]>> {
  collectProcessMetrics();
  const metrics = (await METRICS.getMetricsAsJSON()).map(({ name, type }) => {
    const { labelNames } = METRICS.getSingleMetric(name) as unknown as {
      readonly labelNames: readonly string[];
    };
    return [String(type) === "histogram" ? `${name}_bucket` : name, labelNames] as const;
  });
  return new Map([...Object.entries(AWAITED), ...metrics]);
}
