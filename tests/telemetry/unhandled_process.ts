import { configureLogging, withLogContext } from "@/telemetry/logging.ts";
import { METRICS } from "@/telemetry/metrics.ts";
import { outliveUnhandled } from "@/telemetry/unhandled.ts";

await using _logging = await configureLogging({
  levels: { all: "info", categories: {} },
  format: "json",
  output: Deno.stderr.writable,
});
outliveUnhandled();

const happened = Promise.all(
  ["unhandledrejection", "error"].map((type) =>
    new Promise((resolve) => addEventListener(type, resolve))
  ),
);
withLogContext({ sessionId: "sess_1" }, () => void Promise.reject(new Error("secret")));
queueMicrotask(() => {
  throw new TypeError("secret");
});
await happened;
await Deno.stdout.write(new TextEncoder().encode(await METRICS.metrics()));
