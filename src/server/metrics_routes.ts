import { z } from "zod";
import type { Route } from "@/server/route.ts";
import { METRICS } from "@/telemetry/metrics.ts";

/** `/metrics`, for Prometheus. */
export function metricsRoutes(): readonly Route[] {
  return [{
    method: "GET",
    path: "/metrics",
    summary: "Tells Prometheus what the server does: sessions, turns, latencies, engines.",
    needsKey: true,
    response: { "text/plain": z.string() },
    async handle() {
      return new Response(await METRICS.metrics(), {
        headers: { "content-type": METRICS.contentType },
      });
    },
  }];
}
