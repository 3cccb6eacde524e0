import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { from, lastValueFrom, Subject, toArray } from "rxjs";
import type { TurnMetrics } from "@/conversation/client.ts";
import { turnMetrics } from "@/conversation/turn_ledger.ts";
import type { SessionFact } from "@/facts.ts";

Deno.test("a spoken turn is timed from the arrival of its last speech sample", async () => {
  const metrics = await measure([
    { at: 500, kind: "speechStarted", itemId: "u" },
    { at: 1500, kind: "turnEnded", itemId: "u", lastSpeechAt: 1000 },
    { at: 1510, kind: "transcribed", itemId: "u", text: "hello" },
    { at: 1511, kind: "responseStarted", responseId: "r", itemId: "u" },
    { at: 1520, kind: "firstToken", responseId: "r" },
    { at: 1590, kind: "speechMade", responseId: "r", audioMs: 0 },
    { at: 1600, kind: "speechMade", responseId: "r", audioMs: 200 },
    { at: 1604, kind: "firstAudioSent", responseId: "r" },
    { at: 4000, kind: "responseEnded", responseId: "r", status: "completed" },
  ]);

  deepEqual(metrics, [{
    responseId: "r",
    endpoint: 500,
    transcript: 510,
    firstToken: 520,
    firstAudio: 600,
    voiceToVoice: 604,
  }]);
});

Deno.test("a text turn is timed from its response's start, and has no stages of hearing", async () => {
  const metrics = await measure([
    { at: 100, kind: "responseStarted", responseId: "r" },
    { at: 130, kind: "firstToken", responseId: "r" },
    { at: 200, kind: "responseEnded", responseId: "r", status: "completed" },
  ]);

  deepEqual(metrics, [{ responseId: "r", firstToken: 30 }]);
});

Deno.test("a response may start before its turn's transcript is there", async () => {
  const metrics = await measure([
    { at: 150, kind: "turnEnded", itemId: "u", lastSpeechAt: 100 },
    { at: 151, kind: "responseStarted", responseId: "r", itemId: "u" },
    { at: 170, kind: "transcribed", itemId: "u", text: "hello" },
    { at: 200, kind: "responseEnded", responseId: "r", status: "failed" },
  ]);

  deepEqual(metrics, [{ responseId: "r", endpoint: 50, transcript: 70 }]);
});

Deno.test("only the first token and the first audio count", async () => {
  const metrics = await measure([
    { at: 0, kind: "responseStarted", responseId: "r" },
    { at: 1, kind: "firstToken", responseId: "r" },
    { at: 2, kind: "speechMade", responseId: "r", audioMs: 100 },
    { at: 3, kind: "firstAudioSent", responseId: "r" },
    { at: 4, kind: "firstToken", responseId: "r" },
    { at: 5, kind: "speechMade", responseId: "r", audioMs: 100 },
    { at: 6, kind: "firstAudioSent", responseId: "r" },
    { at: 7, kind: "responseEnded", responseId: "r", status: "completed" },
  ]);

  deepEqual(metrics, [{ responseId: "r", firstToken: 1, firstAudio: 2, voiceToVoice: 3 }]);
});

Deno.test("what happened before the count began is left out", async () => {
  const metrics = await measure([
    { at: 90, kind: "turnEnded", itemId: "u", lastSpeechAt: 100 },
    { at: 110, kind: "responseStarted", responseId: "r", itemId: "u" },
    { at: 120, kind: "responseEnded", responseId: "r", status: "cancelled" },
  ]);

  deepEqual(metrics, [{ responseId: "r" }]);
});

Deno.test("responses side by side are timed apart", async () => {
  const metrics = await measure([
    { at: 0, kind: "responseStarted", responseId: "a" },
    { at: 5, kind: "responseStarted", responseId: "b" },
    { at: 8, kind: "firstToken", responseId: "b" },
    { at: 9, kind: "firstToken", responseId: "a" },
    { at: 10, kind: "responseEnded", responseId: "b", status: "completed" },
    { at: 11, kind: "responseEnded", responseId: "a", status: "completed" },
  ]);

  deepEqual(metrics, [{ responseId: "b", firstToken: 3 }, { responseId: "a", firstToken: 9 }]);
});

Deno.test("metrics come when the response ends, once", () => {
  const facts = new Subject<SessionFact>();
  const seen: TurnMetrics[] = [];
  turnMetrics(facts).subscribe((metrics) => seen.push(metrics));

  facts.next({ at: 0, kind: "responseStarted", responseId: "r" });
  const before = seen.length;
  facts.next({ at: 1, kind: "responseEnded", responseId: "r", status: "completed" });
  const after = seen.length;
  facts.next({ at: 2, kind: "responseEnded", responseId: "r", status: "completed" });

  deepEqual([before, after, seen.length], [0, 1, 1]);
});

Deno.test("turns that nobody answers are forgotten but for the last 16", async () => {
  const turns = Array.from({ length: 17 }, (_, i): SessionFact => (
    { at: 100 + i, kind: "turnEnded", itemId: `u${i}`, lastSpeechAt: i }
  ));
  const answers = ["u0", "u1"].flatMap((itemId): SessionFact[] => [
    { at: 200, kind: "responseStarted", responseId: itemId, itemId },
    { at: 201, kind: "responseEnded", responseId: itemId, status: "completed" },
  ]);

  const metrics = await measure([...turns, ...answers]);

  deepEqual(metrics, [{ responseId: "u0" }, { responseId: "u1", endpoint: 100 }]);
});

Deno.test("two readers of the same facts keep their own books", async () => {
  const facts = from<SessionFact[]>([
    { at: 0, kind: "responseStarted", responseId: "r" },
    { at: 1, kind: "responseEnded", responseId: "r", status: "completed" },
  ]);
  const metrics = turnMetrics(facts);

  const first = await lastValueFrom(metrics.pipe(toArray()));
  const second = await lastValueFrom(metrics.pipe(toArray()));

  deepEqual(first, [{ responseId: "r" }]);
  deepEqual(second, first);
});

function measure(facts: readonly SessionFact[]): Promise<TurnMetrics[]> {
  return lastValueFrom(turnMetrics(from(facts)).pipe(toArray()));
}
