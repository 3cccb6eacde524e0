import { z } from "zod";
import { notReady, type Readiness } from "@/server/readiness.ts";
import type { Route } from "@/server/route.ts";

/** `/health` for whoever restarts the process, `/ready` for whoever sends callers to it. */
export function healthRoutes(readiness: Pick<Readiness, "missing">): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/health",
      summary: "Answers as long as the process lives.",
      response: { "application/json": z.object({ status: z.literal("alive") }) },
      handle: () => Response.json({ status: "alive" }),
    },
    {
      method: "GET",
      path: "/ready",
      summary: "Says whether callers can be served.",
      response: { "application/json": z.object({ status: z.literal("ready") }) },
      refusals: { 503: "Not ready; the message says what is missing." },
      async handle() {
        const missing = await readiness.missing();
        return missing.length === 0 ? Response.json({ status: "ready" }) : notReady(missing);
      },
    },
  ];
}
