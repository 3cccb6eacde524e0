import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import WsWebSocket from "ws";
import { encodeSamples } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { checkEvents } from "../../fakes/event_recorder.ts";
import { tones } from "../../fakes/scripted_synthesiser.ts";
import { startFastServer } from "../fast_server.ts";
import { TestClient } from "../realtime_server.ts";

const BETA = ["realtime", "openai-beta.realtime-v1"];

/** The rate at which tones are exact: our extension, which the beta dialect has no name for. */
const FORMAT = { type: "audio/pcm", rate: SAMPLE_RATE };

/** An answer that takes a minute to say. */
async function* longReply(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: "la ".repeat(500) };
  yield { kind: "end", reason: "stop" };
}

/** Asks for the weather, then repeats it. */
async function* weatherReply({ messages }: Prompt): AsyncGenerator<ReplyPart> {
  const last = messages.at(-1);
  if (last?.role === "output") yield { kind: "text", text: `It is ${last.output}.` };
  else yield { kind: "toolCall", callId: "call_1", name: "weather", arguments: '{"city":"Rome"}' };
  yield { kind: "end", reason: "stop" };
}

function write(client: TestClient, text: string): void {
  client.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  });
}

function speak(client: TestClient, text: string): void {
  const samples = tones(text, { sampleRate: SAMPLE_RATE, letterMs: 40 });
  client.send({
    type: "input_audio_buffer.append",
    audio: encodeSamples(samples, "pcm16").toBase64(),
  });
}

/** Ends the connection, and holds all that it received against the beta dialect. */
async function finish(client: TestClient, { cut = false } = {}): Promise<void> {
  await client.close();
  checkEvents(client.frames, { dialect: "beta", cut });
}

Deno.test("the header OpenAI-Beta asks for the beta dialect", async () => {
  await using server = await startFastServer();
  const socket = new WsWebSocket(server.url, [], { headers: { "OpenAI-Beta": "realtime=v1" } });
  const closed = new Promise((resolve) => socket.on("close", resolve));

  const first = await new Promise<string>((resolve) => socket.on("message", resolve));

  const { type, session } = JSON.parse(first.toString());
  deepEqual([type, session.modalities], ["session.created", ["text", "audio"]]);
  socket.close();
  await closed;
});

Deno.test("a written turn in the beta dialect", async () => {
  await using server = await startFastServer();
  const client = new TestClient(server.url, BETA);
  await client.event("session.created");

  client.send({ type: "session.update", session: { modalities: ["text"], temperature: 0.6 } });
  write(client, "hello");
  client.send({ type: "response.create", response: { temperature: 0.9 } });

  const { session } = await client.event("session.updated");
  const { response } = await client.event("response.done");
  deepEqual([session.modalities, session.temperature], [["text"], 0.6]);
  deepEqual([response.modalities, response.temperature], [["text"], 0.9]);
  deepEqual(response.output[0].content, [{ type: "text", text: "hello." }]);
  await finish(client);
});

Deno.test("a spoken turn that the client commits, in the beta dialect", async () => {
  await using server = await startFastServer();
  const client = new TestClient(server.url, BETA);
  client.socket.onopen = () =>
    client.send({
      type: "session.update",
      session: {
        turn_detection: null,
        input_audio_transcription: { model: "whisper-1" },
        input_audio_format: FORMAT,
      },
    });
  const { session } = await client.event("session.updated");

  speak(client, "hello");
  client.send({ type: "input_audio_buffer.commit" });
  const { item } = await client.event("conversation.item.created");
  client.send({ type: "response.create" });

  const { response } = await client.event("response.done");
  const heard = await client.event("conversation.item.input_audio_transcription.completed");
  deepEqual([session.turn_detection, session.input_audio_format], [null, FORMAT]);
  deepEqual(item.content, [{ type: "input_audio", transcript: null }]);
  deepEqual([heard.item_id, heard.transcript], [item.id, "hello"]);
  deepEqual(response.output[0].content, [{ type: "audio", transcript: "hello." }]);
  await client.event("response.audio.delta");
  await finish(client);
});

Deno.test("a function call in the beta dialect", async () => {
  await using server = await startFastServer({ reply: weatherReply });
  const client = new TestClient(server.url, BETA);
  await client.event("session.created");
  client.send({
    type: "session.update",
    session: { modalities: ["text"], tools: [{ type: "function", name: "weather" }] },
  });
  write(client, "How is the weather?");
  client.send({ type: "response.create" });

  const { response: { output: [call] } } = await client.event("response.done");
  client.send({
    type: "conversation.item.create",
    item: { type: "function_call_output", call_id: call.call_id, output: "sunny" },
  });
  client.send({ type: "response.create" });

  const { response } = await client.event("response.done", 2);
  deepEqual([call.type, call.name, call.arguments], [
    "function_call",
    "weather",
    '{"city":"Rome"}',
  ]);
  deepEqual(response.output[0].content, [{ type: "text", text: "It is sunny." }]);
  await finish(client);
});

Deno.test("speech interrupts a response, whose item is then cut, in the beta dialect", async () => {
  await using server = await startFastServer({ reply: longReply });
  const client = new TestClient(server.url, BETA);
  await client.event("session.created");
  client.send({ type: "session.update", session: { input_audio_format: FORMAT } });
  client.send({ type: "response.create" });
  const { item_id } = await client.event("response.audio.delta");

  speak(client, "stop");
  const { response } = await client.event("response.done");
  client.send({ type: "conversation.item.truncate", item_id, content_index: 0, audio_end_ms: 0 });
  client.send({ type: "conversation.item.retrieve", item_id });

  const { item } = await client.event("conversation.item.retrieved");
  const { item_id: spoken } = await client.event("input_audio_buffer.speech_started");
  deepEqual(response.status_details, { type: "cancelled", reason: "turn_detected" });
  equal(item.content[0].type, "audio");
  equal(item.content[0].transcript, "");
  equal(item.status, "incomplete");
  equal(typeof spoken, "string");
  await finish(client, { cut: true }); // the user still speaks
});

Deno.test("a response is cancelled once, in the beta dialect", async () => {
  await using server = await startFastServer({ reply: longReply });
  const client = new TestClient(server.url, BETA);
  await client.event("session.created");
  client.send({ type: "response.create" });
  await client.event("response.audio.delta");

  client.send({ type: "response.cancel" });
  client.send({ type: "response.cancel", event_id: "again" });

  const { response } = await client.event("response.done");
  const { error } = await client.event("error");
  deepEqual(response.status_details, { type: "cancelled", reason: "client_cancelled" });
  deepEqual([error.code, error.event_id], ["response_cancel_not_active", "again"]);
  await finish(client);
});

Deno.test("an error names the field as the beta client wrote it, and changes nothing", async () => {
  await using server = await startFastServer();
  const client = new TestClient(server.url, BETA);
  await client.event("session.created");

  client.send({
    type: "session.update",
    event_id: "mine",
    session: { instructions: "x", turn_detection: { type: "never" } },
  });
  client.send({ type: "session.update", session: {} });

  const { error } = await client.event("error");
  const { session } = await client.event("session.updated");
  deepEqual([error.param, error.event_id], ["session.turn_detection.type", "mine"]);
  equal(session.instructions, "Be brief.");
  await finish(client);
});

Deno.test("a session that only listens writes down what it hears, and answers nothing", async () => {
  await using server = await startFastServer();
  const client = new TestClient(`${server.url}?intent=transcription`, BETA);
  const { session } = await client.event("session.created");

  client.send({
    type: "transcription_session.update",
    session: { turn_detection: null, input_audio_format: FORMAT },
  });
  speak(client, "hello");
  client.send({ type: "input_audio_buffer.commit" });
  client.send({ type: "response.create" });

  const updated = await client.event("transcription_session.updated");
  const heard = await client.event("conversation.item.input_audio_transcription.completed");
  const { error } = await client.event("error");
  equal(session.object, "realtime.transcription_session");
  deepEqual(updated.session.input_audio_transcription, {});
  equal(heard.transcript, "hello");
  equal(error.code, "invalid_value");
  await finish(client);
});
