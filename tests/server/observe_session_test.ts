import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createFacts } from "@/conversation/facts_stream.ts";
import { EngineError } from "@/errors.ts";
import type { NewFact } from "@/facts.ts";
import { observeSession } from "@/server/observe_session.ts";
import { METRICS } from "@/telemetry/metrics.ts";

/** What a whole session of these facts adds to the metrics, by name and labels; zeros left out. */
async function countedOf(facts: readonly NewFact[]): Promise<Record<string, number>> {
  METRICS.resetMetrics();
  let now = 0;
  const session = createFacts({ now: () => now += 100 });
  observeSession(session);
  for (const fact of facts) session.emit(fact);
  const metrics = await METRICS.getMetricsAsJSON();
  const values = metrics.flatMap(({ name, values }) =>
    values.map(({ value, labels, metricName }: {
      value: number;
      labels: Record<string, unknown>;
      metricName?: string;
    }) => [`${metricName ?? name} ${Object.values(labels).join(" ")}`.trim(), value] as const)
  );
  return Object.fromEntries(
    values.filter(([name, value]) => value !== 0 && !name.includes("_bucket")),
  );
}

Deno.test("a session is counted while it is open, and its end by its reason", async () => {
  const open = await countedOf([]);
  const ended = await countedOf([{ kind: "sessionEnded", reason: "disconnected" }]);

  deepEqual(open, { "chatai_sessions": 1, "chatai_sessions_opened_total": 1 });
  deepEqual(ended, {
    "chatai_sessions_opened_total": 1,
    "chatai_sessions_ended_total disconnected": 1,
  });
});

Deno.test("turns are counted by outcome, and timed stage by stage", async () => {
  const counted = await countedOf([
    { kind: "turnEnded", itemId: "item_1", lastSpeechAt: 0 },
    { kind: "transcribed", itemId: "item_1", text: "hello" },
    { kind: "responseStarted", responseId: "resp_1", itemId: "item_1" },
    { kind: "firstToken", responseId: "resp_1" },
    { kind: "speechMade", responseId: "resp_1", audioMs: 400 },
    { kind: "firstAudioSent", responseId: "resp_1" },
    { kind: "bargeIn", responseId: "resp_1", itemId: "item_2" },
    { kind: "responseEnded", responseId: "resp_1", status: "cancelled" },
    { kind: "transcribed", itemId: "item_2", text: "" },
  ]);

  equal(counted["chatai_transcriptions_total words"], 1);
  equal(counted["chatai_transcriptions_total empty"], 1);
  equal(counted["chatai_barge_ins_total"], 1);
  equal(counted["chatai_responses_total cancelled"], 1);
  deepEqual(
    ["endpoint", "transcript", "first_token", "first_audio", "voice_to_voice"].map((stage) =>
      counted[`chatai_turn_stage_seconds_sum ${stage}`]
    ),
    [0.1, 0.2, 0.4, 0.5, 0.6],
  );
});

Deno.test("failures and switches of engines are counted by engine", async () => {
  const error = new EngineError("No answer", { engine: "edge", failure: "timeout" });

  const counted = await countedOf([
    { kind: "engineSwitched", from: "edge", to: "flite", error },
    { kind: "responseEnded", responseId: "resp_1", status: "failed", error },
    { kind: "transcriptionFailed", itemId: "item_1", error },
  ]);

  equal(counted["chatai_engine_switches_total edge flite"], 1);
  equal(counted["chatai_engine_errors_total edge timeout"], 3);
  equal(counted["chatai_transcriptions_total failed"], 1);
});

Deno.test("no label holds what a caller brings: a session's ids and words are nowhere in the metrics", async () => {
  await countedOf([
    { kind: "transcribed", itemId: "item_secret", text: "secret words" },
    { kind: "responseEnded", responseId: "resp_secret", status: "completed" },
  ]);

  ok(!/secret/.test(await METRICS.metrics()));
});
