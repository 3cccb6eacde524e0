import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FRAME_MS } from "@/audio/frame.ts";
import { QUIET, voiceActivity, type VoiceEvent } from "@/pipeline/voice_activity.ts";
import { probabilities } from "../fakes/scripted_detector.ts";

const LETTERS: Record<VoiceEvent, string> = {
  quiet: ".",
  onset: "o",
  misfire: "x",
  started: "S",
  speech: "s",
  pause: "p",
  resume: "R",
};

/** What each window of a picture was, in letters. */
function events(picture: string, { threshold = 0.5, minSpeechMs = 100 } = {}): string {
  let state = QUIET;
  return probabilities(picture).map((probability) => {
    const next = voiceActivity(state, probability, { threshold, minSpeechMs });
    state = next.state;
    return LETTERS[next.event];
  }).join("");
}

Deno.test("speech starts in the very window that reaches the minimum", () => {
  const picture = "..####..";

  const heard = events(picture);

  equal(heard, "..ooSspp");
});

Deno.test("a cough shorter than the minimum is a misfire and nothing else", () => {
  const picture = ".##..#.";

  const heard = events(picture);

  equal(heard, ".oox.ox");
});

Deno.test("a minimum of one window or less starts speech with the first", () => {
  const picture = ".#.";

  const heard = [0, 1, FRAME_MS].map((minSpeechMs) => events(picture, { minSpeechMs }));

  deepEqual(heard, [".Sp", ".Sp", ".Sp"]);
});

Deno.test("an undecided probability neither begins speech nor ends it", () => {
  const picture = "~~###~~.~#";

  const heard = events(picture);

  equal(heard, "..ooSssppR");
});

Deno.test("an undecided probability carries an onset on", () => {
  const picture = "#~~.";

  const heard = events(picture);

  equal(heard, "ooSp");
});

Deno.test("speech after a pause resumes at once, however long the pause", () => {
  const picture = "###.#" + "...#" + ".".repeat(50) + "##";

  const heard = events(picture);

  equal(heard, "ooSpR" + "pppR" + "p".repeat(50) + "Rs");
});

Deno.test("a pause counts its windows", () => {
  let state = QUIET;

  for (const probability of probabilities("###...")) {
    state = voiceActivity(state, probability, { threshold: 0.5, minSpeechMs: 100 }).state;
  }

  deepEqual(state, { kind: "pausing", windows: 3 });
});

Deno.test("the threshold is reached by a probability that equals it", () => {
  const at = voiceActivity(QUIET, 0.7, { threshold: 0.7, minSpeechMs: 0 });
  const below = voiceActivity(QUIET, 0.699, { threshold: 0.7, minSpeechMs: 0 });

  equal(at.event, "started");
  equal(below.event, "quiet");
});

Deno.test("silence ends speech even where the threshold is below the hysteresis", () => {
  const speaking = { kind: "speaking" } as const;

  const { event } = voiceActivity(speaking, 0.001, { threshold: 0.1, minSpeechMs: 100 });

  equal(event, "pause");
});
