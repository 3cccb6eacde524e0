import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import type { Connection } from "@/web/connection.ts";
import { EMPTY_VIEW } from "@/web/conversation_view.ts";
import { bannerWords, microphoneProblem, type MicrophoneState, stateWord } from "@/web/words.ts";

const ONLINE: Connection = { status: "online" };

Deno.test("the state is what the user can count on", () => {
  const state = { connection: ONLINE, sessionId: "s1", conversation: EMPTY_VIEW };
  const microphones: MicrophoneState[] = ["off", "on", "muted"];

  const words = microphones.map((microphone) => stateWord(state, microphone));
  const speaking = stateWord(
    { ...state, conversation: { ...EMPTY_VIEW, activity: "speaking" } },
    "muted",
  );
  const lost = stateWord(
    { ...state, connection: { status: "waiting", delayMs: 500, cause: "lost" } },
    "on",
  );

  deepEqual(words, ["Ready", "Listening", "Muted"]);
  equal(speaking, "Speaking");
  equal(lost, "Reconnecting");
});

Deno.test("the banner is there when something is amiss, and says what its button does", () => {
  const lost = bannerWords({ status: "waiting", delayMs: 1800, cause: "lost" });
  const full = bannerWords({ status: "waiting", delayMs: 7000, cause: "busy" });
  const moved = bannerWords({ status: "closed", reason: "taken_over" });

  match(lost!.text, /cannot be reached.*in 2 s/);
  match(full!.text, /full.*in 7 s/);
  equal(moved!.action, "Continue here");
  equal(bannerWords(ONLINE), undefined);
  equal(bannerWords({ status: "closed", reason: "unauthorised" }), undefined);
});

Deno.test("each way to miss a microphone has its own way out", () => {
  const problems = ["NotAllowedError", "NotFoundError", "NotReadableError", "SecurityError", "Odd"]
    .map((name) => microphoneProblem(new DOMException("", name)));

  equal(new Set(problems).size, 5);
  match(problems[0]!, /Allow it/);
});
