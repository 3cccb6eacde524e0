import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { createMicrophone } from "../e2e/microphone.ts";
import { startServer } from "../e2e/server.ts";
import { ofType } from "../e2e/turns.ts";
import { createMouth, words } from "../e2e/user_speech.ts";
import { WIRE_RATE } from "../e2e/voice_client.ts";
import { makeCertificate } from "../fakes/certificate.ts";
import { connectOpenai, IN_WRITING, type OpenaiConnection, question } from "./openai_connection.ts";

const PLAIN = "openai/realtime/ws without TLS";

const server = await startServer();
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

/** A microphone whose audio goes through the client. */
function microphoneOf({ rt }: OpenaiConnection) {
  return createMicrophone(
    WIRE_RATE,
    (pcm) => rt.send({ type: "input_audio_buffer.append", audio: pcm.toBase64() }),
  );
}

Deno.test("openai asks in writing and is answered, over plain TCP", async () => {
  await using openai = await connectOpenai(PLAIN, { server });

  openai.send(IN_WRITING, ...question("How much is 11 plus 12?"));

  match(await openai.answer(), /23/);
  deepEqual(openai.errors, []);
});

Deno.test("openai asks aloud and is answered aloud, with a transcript of what was asked", async () => {
  await using mouth = await createMouth();
  await using openai = await connectOpenai(PLAIN, { server });
  using microphone = microphoneOf(openai);
  openai.send({
    type: "session.update",
    session: { type: "realtime", audio: { input: { transcription: { model: "whisper-1" } } } },
  });

  microphone.open();
  await microphone.speak(await mouth.speech("What time is it in London?"));
  const { transcript } = await openai.next(
    ofType("conversation.item.input_audio_transcription.completed"),
  );
  const answer = await openai.answer();

  const audio = openai.received.filter(({ event }) => event.type === "response.output_audio.delta")
    .reduce((bytes, { event }) => bytes + Uint8Array.fromBase64(event.delta).length, 0);
  ok(words(transcript).includes("london"), transcript);
  match(answer, /London/);
  ok(audio / 2 / WIRE_RATE > 1, `${audio} bytes`);
  deepEqual(openai.errors, []);
});

Deno.test("openai is asked to call a function, answers with its output, and hears of it", async () => {
  await using openai = await connectOpenai(PLAIN, { server });
  const tool = {
    type: "function" as const,
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" } },
      required: ["city"],
    },
  };

  openai.send(
    IN_WRITING,
    { type: "session.update", session: { type: "realtime", tools: [tool] } },
    ...question("What is the weather in Paris?"),
  );
  const { name, call_id, arguments: args } = await openai.next(
    ofType("response.function_call_arguments.done"),
  );
  equal(await openai.answer(), "");
  openai.send(
    {
      type: "conversation.item.create",
      item: { type: "function_call_output", call_id, output: '{"sky":"pink"}' },
    },
    { type: "response.create" },
  );

  deepEqual([name, JSON.parse(args)], ["get_weather", { city: "Paris" }]);
  match(await openai.answer(), /pink/);
  deepEqual(openai.errors, []);
});

Deno.test("openai cancels an answer, and truncates it to what it played", async () => {
  await using openai = await connectOpenai(PLAIN, { server });

  openai.send(...question("Count out loud to forty."));
  const { item_id } = await openai.next(ofType("response.output_audio.delta"));
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

Deno.test("openai's error listener is told of a mistake once, with the id of the event that made it", async () => {
  await using openai = await connectOpenai(PLAIN, { server });

  openai.send(
    { type: "response.cancel", event_id: "mine" },
    IN_WRITING,
    ...question("How much is 2 plus 3?"),
  );
  await openai.answer();

  const [error, ...others] = openai.errors;
  deepEqual(others, []);
  match(error!.message, /code=response_cancel_not_active .*event_id=mine/);
});

Deno.test("openai reaches wss with a certificate of one's own, through ws and through the runtime's WebSocket", async () => {
  await using tls = await makeCertificate();
  await using secure = await startServer({ TLS_CERT: tls.certPath, TLS_KEY: tls.keyPath });
  await using openai = await connectOpenai("openai/realtime/ws", { server: secure, ca: tls.cert });

  openai.send(IN_WRITING, ...question("How much is 11 plus 12?"));
  const native = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--cert", tls.certPath, "--allow-net=127.0.0.1", "--allow-read", "--allow-env"],
      new URL("openai_websocket_process.ts", import.meta.url).href,
      ...[secure.url, "How much is 21 plus 13?"],
    ],
    stdin: "null",
  }).output();

  match(await openai.answer(), /23/);
  match(new TextDecoder().decode(native.stdout), /34/, new TextDecoder().decode(native.stderr));
  deepEqual(openai.errors, []);
});
