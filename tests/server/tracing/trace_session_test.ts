import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createFacts } from "@/conversation/facts_stream.ts";
import { EngineError } from "@/errors.ts";
import type { NewFact } from "@/facts.ts";
import { traceSession } from "@/server/tracing/trace_session.ts";
import { createFastEngines } from "../../fakes/fast_engines.ts";
import { type DrawnSpan, recordSpans } from "../../fakes/tracer.ts";

const itemId = "item_1";
const responseId = "resp_1";

/** The spans of a session of these facts, 100 ms apart. */
function spansOf(happened: readonly NewFact[]): readonly DrawnSpan[] {
  using tracer = recordSpans();
  let at = 0;
  const now = () => at;
  const facts = createFacts({ now });
  const { engines } = createFastEngines({});
  traceSession(facts, { session: { id: "sess_1", conversationId: "conv_1" }, engines, now });
  for (const fact of happened) {
    at += 100;
    facts.emit(fact);
  }
  return tracer.spans;
}

function names(spans: readonly DrawnSpan[]): string[] {
  return spans.map(({ name, parent }) => parent === undefined ? name : `${parent}/${name}`);
}

function durations(spans: readonly DrawnSpan[]): Record<string, number> {
  return Object.fromEntries(
    spans.map(({ name, startMs, endMs }) => [name, Math.round(endMs! - startMs)]),
  );
}

const HEARD: readonly NewFact[] = [
  { kind: "speechStarted", itemId },
  { kind: "turnEnded", itemId, lastSpeechAt: 150 },
  { kind: "transcribed", itemId, text: "secret words" },
];

Deno.test("a trace lasts from the first word to the last audio, and each stage as long as it took", () => {
  const spans = spansOf([
    ...HEARD,
    { kind: "responseStarted", responseId, itemId },
    { kind: "modelAsked", responseId },
    { kind: "firstToken", responseId },
    { kind: "modelDone", responseId, reason: "stop", inputTokens: 5, outputTokens: 7 },
    { kind: "synthesisStarted", responseId, sentence: 0, characters: 12 },
    { kind: "speechMade", responseId, audioMs: 400 },
    { kind: "firstAudioSent", responseId },
    { kind: "sentenceSpoken", responseId, text: "secret answer" },
    { kind: "responseEnded", responseId, status: "completed" },
  ]);

  deepEqual(names(spans), [
    "turn",
    "turn/hear",
    "turn/transcribe",
    "turn/chat",
    "turn/synthesize",
    "turn/speak",
  ]);
  deepEqual(durations(spans), {
    turn: 1100,
    hear: 100,
    transcribe: 150,
    chat: 200,
    synthesize: 100,
    speak: 200,
  });
  equal(spans[3]!.attributes["gen_ai.usage.output_tokens"], 7);
  equal(spans[4]!.attributes["chatai.audio_ms"], 400);
  ok(!/secret/.test(JSON.stringify(spans)));
});

Deno.test("an interrupted answer is cancelled and no failure; what ran ends with it", () => {
  const spans = spansOf([
    { kind: "responseStarted", responseId },
    { kind: "modelAsked", responseId },
    { kind: "synthesisStarted", responseId, sentence: 0, characters: 12 },
    { kind: "bargeIn", responseId, itemId },
    { kind: "responseEnded", responseId, status: "cancelled" },
  ]);

  deepEqual(names(spans), ["turn", "turn/chat", "turn/synthesize"]);
  equal(spans[0]!.attributes["chatai.response.status"], "cancelled");
  deepEqual(spans[0]!.events, ["barge_in"]);
  deepEqual(spans.map(({ failed }) => failed), [false, false, false]);
  deepEqual(durations(spans), { turn: 400, chat: 300, synthesize: 200 });
});

Deno.test("what failed is marked where it failed, by its kind and not by its message", () => {
  const error = new EngineError("secret words", { engine: "edge", failure: "timeout" });

  const spans = spansOf([
    { kind: "responseStarted", responseId },
    { kind: "modelAsked", responseId },
    { kind: "synthesisStarted", responseId, sentence: 0, characters: 12 },
    { kind: "engineSwitched", responseId, from: "edge", to: "flite", error },
    { kind: "synthesisFailed", responseId, error },
    { kind: "responseEnded", responseId, status: "failed", error },
  ]);

  deepEqual(
    spans.map(({ name, failed }) => [name, failed]),
    [["turn", true], ["chat", false], ["synthesize", true]],
  );
  equal(spans[2]!.attributes["error.type"], "timeout");
  deepEqual(spans[0]!.events, ["engine_switched"]);
  ok(!/secret/.test(JSON.stringify(spans)));
});

Deno.test("words that cannot be written down fail the turn", () => {
  const error = new EngineError("No answer", { engine: "openai", failure: "unavailable" });

  const spans = spansOf([
    ...HEARD.slice(0, 2),
    { kind: "transcriptionFailed", itemId, error },
    { kind: "turnUnanswered", itemId },
  ]);

  deepEqual(
    spans.map(({ name, failed }) => [name, failed]),
    [["turn", true], ["hear", false], ["transcribe", true]],
  );
});

Deno.test("turns that get no answer end by themselves, with the session, or when there are too many", () => {
  const unanswered = spansOf([...HEARD, { kind: "turnUnanswered", itemId }]);
  const unended = spansOf([...HEARD, { kind: "sessionEnded", reason: "disconnected" }]);
  const many = spansOf(
    Array.from({ length: 17 }, (_, i) => ({ kind: "speechStarted", itemId: `item_${i}` })),
  );

  for (const spans of [unanswered, unended]) {
    deepEqual(spans.filter(({ endMs }) => endMs === undefined), []);
  }
  equal(many.filter(({ endMs }) => endMs === undefined).length, 2 * 16);
});

Deno.test("a session that nobody traces is not observed", () => {
  const facts = createFacts({ now: () => 0 });
  const { engines } = createFastEngines({});
  let observers = 0;

  traceSession({ ...facts, observe: () => observers++ }, {
    session: { id: "sess_1", conversationId: "conv_1" },
    engines,
  });

  equal(observers, 0);
});
