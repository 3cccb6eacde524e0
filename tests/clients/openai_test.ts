import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { Dialect } from "@/realtime/dialect.ts";
import { createMicrophone } from "../e2e/microphone.ts";
import { startServer } from "../e2e/server.ts";
import { ofType } from "../e2e/turns.ts";
import { createMouth, words } from "../e2e/user_speech.ts";
import { WIRE_RATE } from "../e2e/voice_client.ts";
import { makeCertificate } from "../fakes/certificate.ts";
import {
  connectOpenai,
  listen,
  type OpenaiConnection,
  type OpenaiEvent,
  question,
} from "./openai_connection.ts";

const tls = await makeCertificate();
const server = await startServer({ TLS_CERT: tls.certPath, TLS_KEY: tls.keyPath });
const mouth = await createMouth();
Deno.test.afterAll(async () => {
  await mouth[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await tls[Symbol.asyncDispose]();
});

const weather = {
  type: "function" as const,
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** Half of the package, and what differs in it. */
interface Half {
  readonly dialect: Dialect;
  /** Its line in the README. */
  readonly line: string;
  readonly inWriting: OpenaiEvent;
  readonly transcribed: OpenaiEvent;
  readonly withTool: OpenaiEvent;
  readonly audioDelta: string;
}

const GA: Half = {
  dialect: "ga",
  line: "openai/realtime/ws",
  inWriting: {
    type: "session.update",
    session: { type: "realtime", output_modalities: ["text"] },
  },
  transcribed: {
    type: "session.update",
    session: { type: "realtime", audio: { input: { transcription: { model: "whisper-1" } } } },
  },
  withTool: { type: "session.update", session: { type: "realtime", tools: [weather] } },
  audioDelta: "response.output_audio.delta",
};

const BETA: Half = {
  dialect: "beta",
  line: "openai/beta/realtime/ws",
  inWriting: { type: "session.update", session: { modalities: ["text"] } },
  transcribed: {
    type: "session.update",
    session: { input_audio_transcription: { model: "whisper-1" } },
  },
  withTool: { type: "session.update", session: { tools: [weather] } },
  audioDelta: "response.audio.delta",
};

/** A microphone whose audio goes through the client. */
function microphoneOf(openai: OpenaiConnection) {
  return createMicrophone(
    WIRE_RATE,
    (pcm) => openai.send({ type: "input_audio_buffer.append", audio: pcm.toBase64() }),
  );
}

for (const { dialect, line, inWriting, transcribed, withTool, audioDelta } of [GA, BETA]) {
  Deno.test(`openai (${dialect}) asks in writing and is answered`, async () => {
    await using openai = await connectOpenai(line, { server, ca: tls.cert, dialect });

    openai.send(inWriting, ...question("How much is 11 plus 12?"));

    match(await openai.answer(), /23/);
    deepEqual(openai.errors, []);
  });

  Deno.test(`openai (${dialect}) asks aloud and is answered aloud, with a transcript of what was asked`, async () => {
    await using openai = await connectOpenai(line, { server, ca: tls.cert, dialect });
    using microphone = microphoneOf(openai);

    openai.send(transcribed);
    microphone.open();
    await microphone.speak(await mouth.speech("What time is it in London?"));
    const { transcript } = await openai.next(
      ofType("conversation.item.input_audio_transcription.completed"),
    );
    const answer = await openai.answer();

    const audio = openai.received.filter(({ event }) => event.type === audioDelta)
      .reduce((bytes, { event }) => bytes + Uint8Array.fromBase64(event.delta).length, 0);
    ok(words(transcript).includes("london"), transcript);
    match(answer, /London/);
    ok(audio / 2 / WIRE_RATE > 1, `${audio} bytes`);
    deepEqual(openai.errors, []);
  });

  Deno.test(`openai (${dialect}) is asked to call a function, and answered with its output`, async () => {
    await using openai = await connectOpenai(line, { server, ca: tls.cert, dialect });

    openai.send(inWriting, withTool, ...question("What is the weather in Paris?"));
    const { item } = await openai.next(ofType("response.output_item.done"));
    equal(await openai.answer(), "");
    openai.send(
      {
        type: "conversation.item.create",
        item: { type: "function_call_output", call_id: item.call_id, output: '{"sky":"pink"}' },
      },
      { type: "response.create" },
    );

    deepEqual([item.name, JSON.parse(item.arguments)], ["get_weather", { city: "Paris" }]);
    match(await openai.answer(), /pink/);
    deepEqual(openai.errors, []);
  });

  Deno.test(`openai (${dialect}) cancels an answer, and truncates it to what it played`, async () => {
    await using openai = await connectOpenai(line, { server, ca: tls.cert, dialect });

    openai.send(...question("Count out loud to forty."));
    const { item_id } = await openai.next(ofType(audioDelta));
    openai.send(
      { type: "response.cancel" },
      { type: "conversation.item.truncate", item_id, content_index: 0, audio_end_ms: 0 },
      { type: "conversation.item.retrieve", item_id },
    );
    const { response } = await openai.next(ofType("response.done"));
    const { item } = await openai.next(ofType("conversation.item.retrieved"));

    deepEqual(response.status_details, { type: "cancelled", reason: "client_cancelled" });
    equal(item.content[0].transcript, "");
    deepEqual(openai.errors, []);
  });

  Deno.test(`openai's (${dialect}) error listener is told of a mistake once, with the id of the event that made it`, async () => {
    await using openai = await connectOpenai(line, { server, ca: tls.cert, dialect });

    openai.send(
      { type: "response.cancel", event_id: "mine" },
      inWriting,
      ...question("How much is 2 plus 3?"),
    );
    await openai.answer();

    const [error, ...others] = openai.errors;
    deepEqual(others, []);
    match(error!.message, /code=response_cancel_not_active .*event_id=mine/);
  });
}

Deno.test("openai with the intent to transcribe gets transcripts and no answer", async () => {
  await using openai = listen(
    new OpenAIRealtimeWS(
      { intent: "transcription", options: { ca: tls.cert } },
      new OpenAI({ apiKey: "KEY", baseURL: `${server.url}/v1` }),
    ),
  );
  using microphone = microphoneOf(openai);
  const { session } = await openai.next(ofType("session.created"));

  openai.send({
    type: "session.update",
    session: { type: "transcription", audio: { input: { transcription: { model: "any" } } } },
  });
  microphone.open();
  await microphone.speak(await mouth.speech("What time is it in London?"));
  const { transcript } = await openai.next(
    ofType("conversation.item.input_audio_transcription.completed"),
  );

  equal(session.type, "transcription");
  ok(words(transcript).includes("london"), transcript);
  equal(openai.received.some(({ event }) => event.type === "response.created"), false);
  deepEqual(openai.errors, []);
});
