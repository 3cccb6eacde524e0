import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Item } from "@/conversation/item.ts";
import { defaultSettings } from "@/conversation/settings.ts";
import { BETA_SERVER_EVENTS } from "@/realtime/beta/server_events.ts";
import { createClientWriter } from "@/realtime/client_writer.ts";
import { SERVER_EVENTS } from "@/realtime/server_events.ts";
import { checkEvents } from "../../fakes/event_recorder.ts";
import { openWire, PLAIN, responseHead, sessionView } from "../wire.ts";

// deno-lint-ignore no-explicit-any -- a test reads any field of any event
type Frame = any;

function openBetaClient(options = {}) {
  const { socket, outbound } = openWire();
  const client = createClientWriter(outbound, { ...PLAIN, dialect: "beta", ...options });
  return { client, socket, frames: () => socket.frames as Frame[] };
}

const CALL = {
  id: "item_2",
  object: "realtime.item",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "f",
  arguments: "{}",
} as const;

Deno.test("the session is flat, and has every field of the beta dialect", () => {
  const { client, frames } = openBetaClient();

  client.sessionCreated(sessionView(), undefined);

  deepEqual(frames()[0].session, {
    object: "realtime.session",
    id: "sess_1",
    model: "any",
    expires_at: 1_800_000_000,
    modalities: ["text", "audio"],
    instructions: "Be kind.",
    voice: "slt",
    speed: 1,
    input_audio_format: "pcm16",
    input_audio_transcription: null,
    input_audio_noise_reduction: null,
    turn_detection: {
      type: "server_vad",
      threshold: 0.5,
      prefix_padding_ms: 300,
      silence_duration_ms: 500,
      idle_timeout_ms: null,
      create_response: true,
      interrupt_response: true,
    },
    output_audio_format: "pcm16",
    tools: [],
    tool_choice: "auto",
    temperature: 0.8,
    max_response_output_tokens: "inf",
    tracing: null,
  });
});

Deno.test("a session that only listens is updated under a name of its own", () => {
  const settings = defaultSettings({
    type: "transcription",
    model: "any",
    instructions: "",
    voice: "slt",
  });
  const { client, frames } = openBetaClient();

  client.sessionCreated({ ...sessionView(), settings }, undefined);
  client.sessionUpdated({ ...sessionView(), settings });

  const [created, , updated] = frames();
  equal(updated.type, "transcription_session.updated");
  equal(updated.session.object, "realtime.transcription_session");
  deepEqual(updated.session.input_audio_transcription, {});
  deepEqual(created.session, updated.session);
  checkEvents(frames(), { dialect: "beta" });
});

Deno.test("a spoken response and a call have the beta names, in the order that older clients need", () => {
  const { client, socket, frames } = openBetaClient();
  client.sessionCreated(sessionView(), undefined);
  const before = socket.sent.length;

  const response = client.openResponse(responseHead());
  response.message("item_1", null);
  response.text("Hello.");
  response.audio(new Float32Array(10));
  response.call(CALL, "item_1");
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types.slice(before), [
    "response.created",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
    "response.audio_transcript.delta",
    "response.audio.delta",
    "response.audio.done",
    "response.audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.output_item.added",
    "conversation.item.created",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.done",
  ]);
  const [created, added, item, part] = frames().slice(before);
  deepEqual(created.response.output, []);
  deepEqual([added.item.content, item.item.content], [[], []]);
  deepEqual(part.part, { type: "audio", transcript: "" });
  equal(frames()[before + 11].item.arguments, "");
  checkEvents(frames(), { dialect: "beta" });
});

Deno.test("a written response has the beta names", () => {
  const { client, socket, frames } = openBetaClient();
  client.sessionCreated(sessionView(), undefined);
  const before = socket.sent.length;

  const response = client.openResponse(responseHead({ modality: "text" }));
  response.message("item_1", null);
  response.text("Hello.");
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types.slice(before + 3, -3), [
    "response.content_part.added",
    "response.text.delta",
    "response.text.done",
  ]);
  deepEqual(frames().at(-1).response.output[0].content, [{ type: "text", text: "Hello." }]);
  deepEqual(frames().at(-1).response.modalities, ["text"]);
  checkEvents(frames(), { dialect: "beta" });
});

Deno.test("a response is flat, and knows its temperature", () => {
  const { client, frames } = openBetaClient();

  client.openResponse(responseHead({ temperature: 0.6, format: { type: "audio/pcmu" } }));

  deepEqual(frames()[0].response, {
    id: "resp_1",
    object: "realtime.response",
    status: "in_progress",
    status_details: null,
    output: [],
    conversation_id: "conv_1",
    max_output_tokens: "inf",
    metadata: null,
    usage: null,
    modalities: ["text", "audio"],
    voice: "slt",
    output_audio_format: "g711_ulaw",
    temperature: 0.6,
  });
});

Deno.test("what was stored comes back as beta items, each of them once", () => {
  const item: Item = {
    id: "a",
    object: "realtime.item",
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_audio", transcript: "Hi." }],
  };
  const { client, frames } = openBetaClient();

  client.sessionCreated(sessionView(), [item]);
  client.itemRetrieved(item, new Uint8Array([1, 2]));

  const [created, , added, retrieved] = frames();
  equal(created["chatai.resumed"], true);
  equal(added.type, "conversation.item.created");
  deepEqual(added.item.content, [{ type: "audio", transcript: "Hi." }]);
  deepEqual(retrieved.item.content, [{ type: "audio", transcript: "Hi.", audio: "AQI=" }]);
  checkEvents(frames(), { dialect: "beta" });
});

Deno.test("our extensions are the same in both dialects", () => {
  const { client, socket, frames } = openBetaClient({
    binaryAudio: true,
    partials: true,
    metrics: true,
  });
  client.sessionCreated(sessionView(), undefined);
  const response = client.openResponse(responseHead());

  client.partialTranscript?.("a", "Hel");
  response.message("item_1", null);
  response.audio(new Float32Array(10));
  response.end({ status: "completed" }, undefined);
  client.turnMetrics({ responseId: "resp_1", endpoint: 500 });

  deepEqual(socket.types.filter((type) => /^(chatai|binary)/.test(type)), [
    "chatai.input_audio_transcription.partial",
    "binary",
    "chatai.turn.metrics",
  ]);
  checkEvents(frames().filter(({ type }) => !type?.startsWith("chatai.input")), {
    dialect: "beta",
  });
});

Deno.test("the names of the two dialects differ where the protocol says so, and nowhere else", () => {
  const ga = Object.keys(SERVER_EVENTS);
  const beta = Object.keys(BETA_SERVER_EVENTS);

  deepEqual(ga.filter((type) => !beta.includes(type)), [
    "conversation.item.added",
    "conversation.item.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.delta",
    "response.output_audio_transcript.done",
  ]);
  deepEqual(beta.filter((type) => !ga.includes(type)), [
    "conversation.item.created",
    "response.text.delta",
    "response.text.done",
    "response.audio.delta",
    "response.audio.done",
    "response.audio_transcript.delta",
    "response.audio_transcript.done",
    "transcription_session.updated",
  ]);
});
