import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import type { TranscribeOptions } from "@/engines/asr/engine.ts";
import type { Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { ask, eventsOf, ofType, write } from "../e2e/turns.ts";
import { connect } from "../e2e/voice_client.ts";
import { createFastEngines } from "../fakes/fast_engines.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { StreamingRecogniser } from "../fakes/streaming_recogniser.ts";
import { startFastServer } from "./fast_server.ts";

const TEXT = { output_modalities: ["text"] };

Deno.test("the speed of a session is the speed at which its answers are spoken", async () => {
  await using server = await startFastServer();
  await using client = await connect({
    url: server.url,
    session: { audio: { output: { speed: 1.25 } } },
  });

  await ask(client, "hello");

  deepEqual(server.tts.calls.map(({ options }) => options.speed), [1.25]);
});

Deno.test("language and prompt of a session's transcription are told to the recogniser", async () => {
  const asked: TranscribeOptions[] = [];
  const asr = new StreamingRecogniser();
  const { engines } = createFastEngines();
  const telling = {
    name: "telling",
    transcribe(...[audio, options]: Parameters<typeof asr.transcribe>) {
      asked.push(options);
      return asr.transcribe(audio, options);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  await using server = await startFastServer({ engines: { ...engines, asr: telling } });
  await using client = await connect({
    url: server.url,
    session: {
      audio: {
        input: {
          format: { type: "audio/pcm", rate: 16000 },
          turn_detection: null,
          transcription: { model: "any", language: "de", prompt: "Zürich" },
        },
      },
    },
  });

  client.pour(encodeSamples(tones("hallo", { sampleRate: 16_000, letterMs: 40 }), "pcm16"));
  client.send({ type: "input_audio_buffer.commit" });
  await client.next(ofType("conversation.item.input_audio_transcription.completed"));

  deepEqual(asked.map(({ language, prompt }) => [language, prompt]), [["de", "Zürich"]]);
});

Deno.test("an answer that the model's filter stopped is incomplete, and says why", async () => {
  async function* filtered(): AsyncGenerator<ReplyPart> {
    yield { kind: "text", text: "I may not" };
    yield { kind: "end", reason: "filter" };
  }
  await using server = await startFastServer({ reply: filtered });
  await using client = await connect({ url: server.url, session: TEXT });

  const { done } = await ask(client, "hello");

  equal(done.response.status, "incomplete");
  deepEqual(done.response.status_details, { type: "incomplete", reason: "content_filter" });
});

Deno.test("an item that was deleted is no longer told to the model", async () => {
  await using server = await startFastServer();
  await using client = await connect({ url: server.url, session: TEXT });
  write(client, "forget me");
  const { item } = await client.next(ofType("conversation.item.done"));

  client.send({ type: "conversation.item.delete", item_id: item.id });
  await ask(client, "remember me");

  const said = server.prompts.at(-1)!.messages.map((message) => "text" in message && message.text);
  deepEqual(said, ["remember me"]);
});

Deno.test("deleting what was asked does not cancel the answer to it", async () => {
  const asked = Promise.withResolvers<void>();
  const deleted = Promise.withResolvers<void>();
  async function* waiting(_: Prompt): AsyncGenerator<ReplyPart> {
    asked.resolve();
    await deleted.promise;
    yield { kind: "text", text: "All the same." };
    yield { kind: "end", reason: "stop" };
  }
  await using server = await startFastServer({ reply: waiting });
  await using client = await connect({ url: server.url, session: TEXT });
  write(client, "hello");
  const { item } = await client.next(ofType("conversation.item.done"));
  client.send({ type: "response.create" });
  await asked.promise;

  client.send({ type: "conversation.item.delete", item_id: item.id });
  await client.next(ofType("conversation.item.deleted"));
  deleted.resolve();
  const { response } = await client.next(ofType("response.done"));

  equal(response.status, "completed");
});

Deno.test("a session whose turns are limited is told after each response how many are left", async () => {
  let left = 2;
  await using server = await startFastServer({
    admitTurn: () =>
      Promise.resolve({
        allowed: true,
        retryAfterSeconds: 0,
        limits: [{ name: "requests", limit: 2, remaining: --left, resetSeconds: 30 }],
      }),
  });
  await using client = await connect({ url: server.url, session: TEXT });

  await ask(client, "one");
  await ask(client, "two");

  const told = eventsOf(client, "rate_limits.updated").map(({ rate_limits }) => rate_limits);
  deepEqual(told, [
    [{ name: "requests", limit: 2, remaining: 1, reset_seconds: 30 }],
    [{ name: "requests", limit: 2, remaining: 0, reset_seconds: 30 }],
  ]);
  ok(server.prompts.length === 2);
});
