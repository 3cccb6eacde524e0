import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createDecoder, encodeSamples } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { EngineError } from "@/errors.ts";
import { createFastEngines } from "../fakes/fast_engines.ts";
import { spokenText, tones } from "../fakes/scripted_synthesiser.ts";
import { openTalk, type Talk, type TalkOptions } from "./talk.ts";

const LONG_REPLY = "one two three four five six seven eight nine ten. ".repeat(4);

async function* long(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: LONG_REPLY };
  yield { kind: "end", reason: "stop" };
}

/** What the client gets of an item's audio. */
function audioOf({ client, session }: Talk, itemId: string): Uint8Array<ArrayBuffer> | undefined {
  session.retrieveItem(itemId);
  return client.of("itemRetrieved").at(-1)![1];
}

/** All that was sent of a response, in the format of the talk. */
function sentBy({ client }: Talk, responseId: string): Uint8Array<ArrayBuffer> {
  const chunks = client.of("response.audio").filter(([id]) => id === responseId)
    .map(([, samples]) => encodeSamples(samples, "pcm16"));
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function manual(options: TalkOptions = {}): Promise<Talk> {
  return openTalk({
    ...options,
    settings: ({ audio }) => {
      audio.input.turn_detection = null;
    },
  });
}

Deno.test("what the client committed comes back as it was", async () => {
  await using talk = await manual();
  const samples = tones("hello", { sampleRate: SAMPLE_RATE, letterMs: 41 });
  const bytes = encodeSamples(samples, "pcm16");

  talk.session.append(bytes.slice(0, 999));
  talk.session.append(bytes.slice(999));
  await talk.session.commit();
  await talk.client.until("transcribed");

  deepEqual(audioOf(talk, talk.client.of("committed")[0]![0]), bytes);
});

Deno.test("what the user said aloud comes back from its padding to its silence", async () => {
  await using talk = await openTalk();
  await talk.silence(500);

  await talk.say("hello");
  await talk.silence(700);
  await talk.client.until("transcribed");

  const [itemId, startMs] = talk.client.of("speechStarted")[0]!;
  const [, endMs] = talk.client.of("speechStopped")[0]!;
  const samples = createDecoder("pcm16")(audioOf(talk, itemId)!);
  const first = samples.findIndex((sample) => Math.abs(sample) > 0.01);
  equal(samples.length, (endMs - startMs) * SAMPLE_RATE / 1000);
  equal(spokenText(samples.subarray(first)).trim(), "hello");
});

Deno.test("what the assistant said comes back as it was sent", async () => {
  await using talk = await openTalk();

  talk.session.createResponse({});
  const [responseId] = await talk.client.until("response.end");

  const [, itemId] = talk.client.of("response.message")[0]!;
  const audio = audioOf(talk, itemId)!;
  ok(audio.length > 0);
  deepEqual(audio, sentBy(talk, responseId));
});

Deno.test("a truncated message has the audio that was played, and no more", async () => {
  await using talk = await openTalk({ reply: long });
  talk.session.createResponse({});
  await talk.silence(1000);
  const [, itemId] = talk.client.of("response.message")[0]!;

  await talk.session.cancelResponse(undefined);
  const estimated = audioOf(talk, itemId)!;
  await talk.session.truncateItem(itemId, 0, 1500);
  const played = audioOf(talk, itemId)!;

  const sent = sentBy(talk, talk.client.of("openResponse")[0]![0].id);
  ok(Math.abs(estimated.length / 32 - 1000) <= 100, `${estimated.length / 32} ms`);
  deepEqual(played, sent.slice(0, 1500 * 32));
});

Deno.test("a message truncated while it is spoken keeps to that when it has ended", async () => {
  await using talk = await openTalk({ reply: long });
  talk.session.createResponse({});
  await talk.silence(1000);
  const [, itemId] = talk.client.of("response.message")[0]!;

  await talk.session.truncateItem(itemId, 0, 400);
  await talk.silence(500);
  await talk.session.cancelResponse(undefined);

  equal(audioOf(talk, itemId)!.length, 400 * 32);
});

Deno.test("what was said comes back though it could not be written down", async () => {
  await using talk = await manual({ recognise: () => Promise.reject(gone()) });

  await talk.say("hello");
  await talk.session.commit();
  await talk.client.until("transcriptionFailed");

  equal(audioOf(talk, talk.client.of("committed")[0]![0])!.length, 5 * 40 * 32);
});

Deno.test("an item in writing has no audio, and neither has one of which the recogniser read only a part", async () => {
  await using talk = await manual({
    engines: {
      ...createFastEngines().engines,
      asr: {
        name: "deaf",
        // deno-lint-ignore require-yield
        async *transcribe(audio) {
          for await (const _ of audio) throw gone();
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      },
    },
  });
  await talk.session.createItem({
    id: "item_written",
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text: "Hi" }],
  }, null);

  await talk.say("hello");
  await talk.session.commit();
  await talk.client.until("transcriptionFailed");

  equal(audioOf(talk, "item_written"), undefined);
  equal(audioOf(talk, talk.client.of("committed")[0]![0]), undefined);
});

function gone(): EngineError {
  return new EngineError("Gone", { engine: "x", failure: "crashed" });
}
