import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { Item } from "@/conversation/item.ts";
import { EngineError } from "@/errors.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { openTalk } from "./talk.ts";

const RECORDED: Item = {
  id: "item_recorded",
  object: "realtime.item",
  type: "message",
  role: "user",
  status: "completed",
  content: [{ type: "input_audio", transcript: null }],
};

/** A word as the client recorded it. */
function recording(word: string): Uint8Array<ArrayBuffer> {
  return encodeSamples(tones(word, { sampleRate: SAMPLE_RATE, letterMs: 40 }), "pcm16");
}

Deno.test("what a client recorded is written down before the model is asked, and starts nothing itself", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  const bytes = recording("hello");

  await session.createItem(RECORDED, undefined, bytes);
  const beforeAsking = client.of("openResponse").length;
  session.createResponse({});
  await client.until("response.end");
  session.retrieveItem("item_recorded");

  equal(beforeAsking, 0);
  deepEqual(client.of("transcribed"), [["item_recorded", "hello", 0.2]]);
  deepEqual(talk.prompts[0]!.messages, [{ role: "user", text: "hello" }]);
  const [item, audio] = client.of("itemRetrieved")[0]!;
  deepEqual(item.content, [{ type: "input_audio", transcript: "hello" }]);
  deepEqual(audio, bytes);
});

Deno.test("recordings are written down beside the open microphone", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  await talk.say("there");

  await session.createItem(RECORDED, "root", recording("hello"));
  await client.until("transcribed");
  await talk.silence(700);
  await client.until("response.end");

  deepEqual(client.of("transcribed").map(([, text]) => text), ["hello", "there"]);
  deepEqual(talk.prompts[0]!.messages, [
    { role: "user", text: "hello" },
    { role: "user", text: "there" },
  ]);
});

for (
  const [who, readsAlong, runs] of [
    ["who reads along is shown what a long utterance says every second, and in its pause", true, 4],
    ["for who does not, the recogniser works in the pause alone", false, 1],
  ] as const
) {
  Deno.test(who, async () => {
    let recognised = 0;
    await using talk = await openTalk({
      readsAlong,
      recognise: () => Promise.resolve(`text ${++recognised}`),
    });

    await talk.say("a".repeat(80)); // 40 ms a letter
    await talk.silence(700);
    await talk.client.until("response.end");

    equal(recognised, runs);
    equal(talk.client.of("partialTranscript").length, readsAlong ? runs : 0);
    equal(talk.client.of("transcribed")[0]![1], `text ${runs}`);
  });
}

Deno.test("a recording too short to hold a word, one of silence, and one that fails are told of too", async () => {
  await using talk = await openTalk({
    async recognise() {
      await Promise.resolve();
      throw new EngineError("Gone", { engine: "ears", failure: "crashed" });
    },
  });
  const { client, session } = talk;

  await session.createItem({ ...RECORDED, id: "item_short" }, undefined, new Uint8Array(100));
  await session.createItem({ ...RECORDED, id: "item_failed" }, undefined, recording("hello"));
  await client.until("transcriptionFailed");

  deepEqual(client.of("transcribed"), [["item_short", "", 0]]);
  equal(client.of("transcriptionFailed")[0]![0], "item_failed");
});

Deno.test("an item deleted before it is written down stays deleted", async () => {
  const words = Promise.withResolvers<string>();
  await using talk = await openTalk({ recognise: () => words.promise });
  const { client, session } = talk;
  await session.createItem(RECORDED, undefined, recording("hello"));

  await session.deleteItem("item_recorded");
  words.resolve("hello");
  await client.until("transcribed");
  session.createResponse({});
  await client.until("response.end");

  deepEqual(talk.prompts[0]!.messages, []);
});

Deno.test("a session ends though a recording is being written down", async () => {
  const talk = await openTalk({ recognise: () => new Promise(() => {}) });

  await talk.session.createItem(RECORDED, undefined, recording("hello"));
  await talk[Symbol.asyncDispose]();

  equal(talk.client.of("transcribed").length, 0);
});
