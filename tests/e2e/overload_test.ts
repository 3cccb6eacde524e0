import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { startServer, type TestServer } from "./server.ts";
import { transcript } from "./turns.ts";
import { upgrade, type UpgradeAnswer } from "./upgrade.ts";
import { createMouth } from "./user_speech.ts";
import { connect } from "./voice_client.ts";

/** Some 8 s of speech: a second's work for the recogniser. */
const STORY =
  "A farmer had a goose that laid one golden egg each day. He sold the eggs at the market, " +
  "and became rich. But the richer he grew, the more he wanted.";

/** So many at once are more than one recogniser can hear in time. */
const SPEAKERS = 6;

/** Only the user says when something is to be written down, and nothing is answered. */
const LISTENING = {
  audio: { input: { turn_detection: null, transcription: { model: "any" } } },
};

/** New callers come until one is sent away, or all others have been heard. */
async function firstRefusal(
  server: TestServer,
  heard: Promise<unknown>,
): Promise<UpgradeAnswer | undefined> {
  let over = false;
  heard.then(() => over = true, () => over = true);
  while (!over) {
    const caller = await upgrade(server, {});
    if (caller.status !== 101) return caller;
    await caller.close();
  }
}

Deno.test("a server whose models are behind sends new callers away, hears those it has to their end, and takes new ones then", async () => {
  await using server = await startServer({ MAX_SESSIONS: "0", INFERENCE_WORKERS: "1" });
  await using mouth = await createMouth();
  const story = await mouth.speech(STORY);
  await using stack = new AsyncDisposableStack();
  const speakers = await Promise.all(
    Array.from({ length: SPEAKERS }, () => connect({ url: server.realtime(), session: LISTENING })),
  );
  for (const speaker of speakers) stack.use(speaker);

  for (const speaker of speakers) {
    speaker.pour(story);
    speaker.send({ type: "input_audio_buffer.commit" });
  }
  const hearing = Promise.all(speakers.map((speaker) => transcript(speaker)));
  const refused = await firstRefusal(server, hearing);
  const heard = await hearing;
  const later = await upgrade(server, {});
  await later.close();

  deepEqual([refused?.status, refused?.retryAfter, later.status], [503, "5", 101]);
  for (const text of heard) match(text, /golden egg/i);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  equal(/^chatai_refusals_total\{reason="server_busy"\} 1$/m.test(metrics), true);
});
