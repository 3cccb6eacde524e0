import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { Session } from "@/conversation/session.ts";
import { openTalk, type Talk, type TalkOptions } from "./talk.ts";

const IDLE_MS = 3000;

type Settings = ReturnType<Session["view"]>["settings"];

/** Turns the timeout on, and leaves the rest to the test. */
function idleAfter(
  ms: number | null,
  change: Partial<Settings["audio"]["input"]["turn_detection"]> = {},
) {
  return ({ audio }: Settings) => {
    Object.assign(audio.input.turn_detection!, { idle_timeout_ms: ms }, change);
  };
}

/** A talk whose first answer, `one two three four five.`, has been sent; it plays for 960 ms. */
async function answered(options: TalkOptions = {}): Promise<Talk> {
  const talk = await openTalk({
    settings: idleAfter(IDLE_MS),
    async *reply() {
      yield { kind: "text", text: "one two three four five." };
      yield { kind: "end", reason: "stop" };
    },
    ...options,
  });
  await talk.silence(200);
  talk.session.createResponse({});
  await talk.client.until("response.end");
  return talk;
}

const REPLY_MS = 24 * 40;

Deno.test("a user who says nothing after a response has been played is asked again, and again", async () => {
  await using talk = await answered();
  const { client } = talk;
  await talk.silence(0);
  const from = client.calls.length;

  await talk.silence(REPLY_MS + IDLE_MS - 40);
  const before = client.of("timeoutTriggered").length;
  await talk.silence(80);
  await client.until("response.end", 2);
  const methods = client.calls.slice(from).map(({ method }) => method);
  await talk.silence(REPLY_MS + IDLE_MS + 80);

  const [[itemId, startMs, endMs]] = client.of("timeoutTriggered") as [[string, number, number]];
  equal(before, 0);
  deepEqual(methods.slice(0, 6), [
    "timeoutTriggered",
    "committed",
    "itemAdded",
    "openResponse",
    "transcribed",
    "response.message",
  ]);
  ok(Math.abs(startMs - 200 - REPLY_MS) <= 40, String(startMs));
  ok(Math.abs(endMs - startMs - IDLE_MS) <= 40, `${startMs} to ${endMs}`);
  equal(client.of("committed")[0]![0], itemId);
  deepEqual(client.of("itemAdded")[0]![0].content, [{ type: "input_audio", transcript: null }]);
  deepEqual(client.of("transcribed"), [[itemId, "", 0], [client.of("committed")[1]![0], "", 0]]);
  equal(client.of("timeoutTriggered").length, 2);
});

Deno.test("the model is told of the silence, and the conversation keeps no word of that", async () => {
  await using talk = await answered();

  await talk.silence(REPLY_MS + IDLE_MS + 40);
  await talk.client.until("response.end", 2);
  talk.session.createResponse({});
  await talk.client.until("response.end", 3);

  const [, silent, next] = talk.prompts;
  deepEqual(silent!.messages.map(({ role }) => role), ["assistant", "system"]);
  deepEqual(next!.messages.map(({ role }) => role), ["assistant", "assistant"]);
});

Deno.test("speech stops the count until the next response", async () => {
  await using talk = await answered();
  const { client } = talk;
  await talk.silence(REPLY_MS + IDLE_MS - 500);

  await talk.say("hello");
  await talk.silence(600);
  await client.until("response.end", 2);
  await talk.silence(REPLY_MS + IDLE_MS - 600);
  const before = client.of("timeoutTriggered").length;
  await talk.silence(700);

  equal(before, 0);
  equal(client.of("timeoutTriggered").length, 1);
});

Deno.test("a noise without words is no turn: the silence is counted anew", async () => {
  await using talk = await answered({ recognise: () => Promise.resolve("") });
  const { client } = talk;
  await talk.silence(REPLY_MS + 1000);

  await talk.say("ahem");
  await talk.silence(IDLE_MS - 200);
  const before = client.of("timeoutTriggered").length;
  await talk.silence(800);

  equal(client.of("speechStarted").length, 1);
  equal(before, 0);
  equal(client.of("timeoutTriggered").length, 1);
});

Deno.test("what the user said and the client does not want answered is not followed by a timeout", async () => {
  await using talk = await answered({
    settings: idleAfter(IDLE_MS, { create_response: false }),
  });
  const { client } = talk;
  await talk.silence(REPLY_MS);

  await talk.say("hello");
  await talk.silence(3 * IDLE_MS);

  equal(client.of("committed").length, 1);
  equal(client.of("timeoutTriggered").length, 0);
});

Deno.test("without create_response a timeout makes its item and leaves the response to the client", async () => {
  await using talk = await answered({
    settings: idleAfter(IDLE_MS, { create_response: false }),
  });

  await talk.silence(REPLY_MS + 3 * IDLE_MS);

  equal(talk.client.of("timeoutTriggered").length, 1);
  equal(talk.client.of("openResponse").length, 1);
});

Deno.test("nothing is counted before the first response, nor beside one", async () => {
  const words = Promise.withResolvers<void>();
  await using talk = await openTalk({
    settings: idleAfter(IDLE_MS),
    async *reply() {
      await words.promise;
      yield { kind: "end", reason: "stop" };
    },
  });

  await talk.silence(2 * IDLE_MS);
  talk.session.createResponse({});
  await talk.silence(2 * IDLE_MS);
  words.resolve();

  equal(talk.client.of("timeoutTriggered").length, 0);
});

Deno.test("the timeout can be set and cleared while the user is silent", async () => {
  await using talk = await answered({ settings: idleAfter(null) });
  const { client, session } = talk;
  await talk.silence(2 * IDLE_MS);
  const set = async (ms: number | null) => {
    const settings = structuredClone(session.view().settings);
    idleAfter(ms)(settings);
    await session.update(settings);
  };

  await set(IDLE_MS);
  await talk.silence(IDLE_MS - 500);
  await set(null);
  await talk.silence(IDLE_MS);
  const before = client.of("timeoutTriggered").length;
  await set(IDLE_MS);
  await talk.silence(IDLE_MS + 40);

  equal(before, 0);
  equal(client.of("timeoutTriggered").length, 1);
});

Deno.test("turn detection that ignores silence has no idle timeout", async () => {
  await using talk = await answered();
  const settings = structuredClone(talk.session.view().settings);
  settings.audio.input.turn_detection = null;

  await talk.session.update(settings);
  await talk.silence(3 * IDLE_MS);

  equal(talk.client.of("timeoutTriggered").length, 0);
});
