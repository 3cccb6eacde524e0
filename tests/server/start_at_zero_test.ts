import { deepStrictEqual as deepEqual, match, ok } from "node:assert/strict";
import { startAtZero } from "@/server/start_at_zero.ts";
import { METRICS } from "@/telemetry/metrics.ts";

Deno.test("every counter has all its known labels from the start, so that an alert rings for the first failure", async () => {
  METRICS.resetMetrics();

  startAtZero({ vad: ["silero"], asr: ["moonshine"], llm: ["scripted"], tts: ["edge", "flite"] });

  const text = await METRICS.metrics();
  const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name!);
  const untold = counters.filter((name) => !new RegExp(`^${name}(\\{.*\\})? 0$`, "m").test(text));
  deepEqual(untold, []);
  match(text, /^chatai_sessions_ended_total\{reason="failed"\} 0$/m);
  match(text, /^chatai_engine_switches_total\{from="edge",to="flite"\} 0$/m);
  match(text, /^chatai_engine_errors_total\{engine="edge,flite",failure="timeout"\} 0$/m);
  match(text, /^chatai_unhandled_total\{kind="observer"\} 0$/m);
  match(text, /^chatai_refusals_total\{reason="server_busy"\} 0$/m);
  ok(!/\} [1-9]/.test(text.replaceAll(/^.*_bucket.*$/gm, "")));
});
