import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { metricsRoutes } from "@/server/metrics_routes.ts";
import { createTestApp } from "./test_app.ts";
import { oneKey } from "../fakes/one_key.ts";

const app = createTestApp({
  routes: metricsRoutes(),
  authorise: oneKey("right", "prometheus"),
  readiness: { enginesLoaded() {}, drain() {}, missing: () => Promise.resolve(["the engines"]) },
});

function ask(headers: Record<string, string>): Promise<Response> {
  return Promise.resolve(app(new Request("http://127.0.0.1:8000/metrics", { headers })));
}

Deno.test("/metrics answers in Prometheus' text format, with a help line for each metric, even while the server is not ready", async () => {
  const response = await ask({ authorization: "Bearer right" });
  const text = await response.text();

  equal(response.status, 200);
  match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const named = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
  const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name!);
  deepEqual(named, helped);
  ok(named.includes("chatai_turn_stage_seconds"));
});

Deno.test("/metrics asks for a key where the server does", async () => {
  deepEqual((await ask({})).status, 401);
  deepEqual((await ask({ authorization: "Bearer wrong" })).status, 401);
});
