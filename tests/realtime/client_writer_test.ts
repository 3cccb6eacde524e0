import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { Item, MessageItem } from "@/conversation/item.ts";
import { defaultSettings } from "@/conversation/settings.ts";
import { createClientWriter } from "@/realtime/client_writer.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { openWire, PLAIN, sessionView, userItem } from "./wire.ts";

function openClient(options = PLAIN) {
  const { socket, outbound } = openWire();
  return { socket, client: createClientWriter(outbound, options) };
}

function withTranscription() {
  const { settings, ...view } = sessionView();
  const { audio } = settings;
  return {
    ...view,
    settings: { ...settings, audio: { ...audio, input: { ...audio.input, transcription: {} } } },
  };
}

Deno.test("a session begins with its whole object, then its conversation", () => {
  const { socket, client } = openClient();

  client.sessionCreated(sessionView(), undefined);

  const [created, conversation] = socket.frames as Record<string, unknown>[];
  const { audio: _, ...fields } = sessionView().settings;
  const { audio, ...session } = created?.session as Record<string, unknown>;
  deepEqual(session, {
    ...fields,
    object: "realtime.session",
    id: "sess_1",
    expires_at: 1_800_000_000,
  });
  deepEqual(audio, sessionView().settings.audio);
  equal("chatai.resumed" in created!, false);
  deepEqual(conversation?.conversation, { id: "conv_1", object: "realtime.conversation" });
});

Deno.test("a retrieved item has its audio, where there is any", () => {
  const { socket, client } = openClient();
  const said: Item = {
    id: "b",
    object: "realtime.item",
    type: "message",
    role: "assistant",
    status: "completed",
    content: [{ type: "output_audio", transcript: "Hi" }],
  };

  client.itemRetrieved(userItem("a"), undefined);
  client.itemRetrieved(userItem("a"), new Uint8Array([1, 2]));
  client.itemRetrieved(said, new Uint8Array([3, 4]));

  deepEqual((socket.frames as { item: MessageItem }[]).map(({ item }) => item.content), [
    [{ type: "input_audio", transcript: null }],
    [{ type: "input_audio", transcript: null, audio: "AQI=" }],
    [{ type: "output_audio", transcript: "Hi", audio: "AwQ=" }],
  ]);
});

Deno.test("an idle timeout tells of its silence in whole ms", () => {
  const { socket, client } = openClient();

  client.timeoutTriggered("item_1", 200.4, 5200.6);

  const [{ event_id: _, ...event }] = socket.frames as [Record<string, unknown>];
  deepEqual(event, {
    type: "input_audio_buffer.timeout_triggered",
    item_id: "item_1",
    audio_start_ms: 200,
    audio_end_ms: 5201,
  });
});

Deno.test("a session that only listens shows what is about its input, and nothing else", () => {
  const { socket, client } = openClient();
  const settings = defaultSettings({
    type: "transcription",
    model: "any",
    instructions: "",
    voice: "slt",
  });

  client.sessionCreated({ ...sessionView(), settings }, undefined);

  const [created] = socket.frames as Record<string, unknown>[];
  deepEqual(created?.session, {
    type: "transcription",
    object: "realtime.transcription_session",
    id: "sess_1",
    expires_at: 1_800_000_000,
    include: null,
    audio: { input: { ...sessionView().settings.audio.input, transcription: {} } },
  });
  checkEvents(socket.frames);
});

Deno.test("a resumed session says so and shows its items, each after the one before", () => {
  const { socket, client } = openClient();

  client.sessionCreated(sessionView(), [userItem("a"), userItem("b")]);

  const frames = socket.frames as Record<string, unknown>[];
  equal(frames[0]?.["chatai.resumed"], true);
  deepEqual(
    frames.slice(2).map(({ type, previous_item_id, item }) => [
      type,
      previous_item_id,
      (item as Item).id,
    ]),
    [
      ["conversation.item.added", null, "a"],
      ["conversation.item.done", null, "a"],
      ["conversation.item.added", "a", "b"],
      ["conversation.item.done", "a", "b"],
    ],
  );
  checkEvents(frames);
});

Deno.test("a spoken turn has the sequence of the protocol", () => {
  const { socket, client } = openClient();
  client.sessionCreated(withTranscription(), undefined);

  client.speechStarted("a", 12.4);
  client.speechStopped("a", 900.6);
  client.committed("a", null);
  client.itemAdded(userItem("a"), null);
  client.transcribed("a", "Hello.", 0.9);

  deepEqual(socket.types.slice(2), [
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
  ]);
  checkEvents(socket.frames);
});

Deno.test("transcripts are sent only while the session asks for them", () => {
  const { socket, client } = openClient();
  const failure = { type: "server_error", code: "engine_timeout", message: "no" } as const;
  client.sessionCreated(sessionView(), undefined);
  client.transcribed("a", "Hello.", 1);
  client.transcriptionFailed("a", failure);
  equal(socket.sent.length, 2);

  client.sessionUpdated(withTranscription());
  client.transcribed("b", "Hello.", 1.5);
  client.transcriptionFailed("c", failure);

  const [delta, completed, failed] = socket.frames.slice(3) as Record<string, unknown>[];
  equal(delta?.delta, "Hello.");
  deepEqual(completed?.usage, { type: "duration", seconds: 1.5 });
  deepEqual(failed?.error, failure);
});

Deno.test("partial transcripts are sent to clients that asked for them in their URL", () => {
  const plain = openClient();
  const asking = openClient({ ...PLAIN, partials: true });

  for (const { client } of [plain, asking]) client.partialTranscript?.("a", "Hel");

  deepEqual(plain.socket.types, []);
  const [event] = asking.socket.frames as Record<string, unknown>[];
  equal(event?.type, "chatai.input_audio_transcription.partial");
  equal(event?.transcript, "Hel");
});

Deno.test("turn metrics are sent to clients that asked for them, without what does not apply", () => {
  const plain = openClient();
  const asking = openClient({ ...PLAIN, metrics: true });

  for (const { client } of [plain, asking]) {
    client.turnMetrics({ responseId: "resp_1", endpoint: 500.04, voiceToVoice: 612.36 });
  }

  deepEqual(plain.socket.types, []);
  const [{ event_id: _, ...event }] = asking.socket.frames as [Record<string, unknown>];
  deepEqual(event, {
    type: "chatai.turn.metrics",
    response_id: "resp_1",
    endpoint: 500,
    voice_to_voice: 612.4,
  });
});

Deno.test("an item that was retrieved, truncated or deleted is answered with one event", () => {
  const { socket, client } = openClient();
  client.sessionCreated(sessionView(), [userItem("a")]);
  const before = socket.sent.length;

  client.itemRetrieved(userItem("a"), undefined);
  client.itemTruncated("a", 0, 120);
  client.itemDeleted("a");
  client.cleared();

  deepEqual(socket.types.slice(before), [
    "conversation.item.retrieved",
    "conversation.item.truncated",
    "conversation.item.deleted",
    "input_audio_buffer.cleared",
  ]);
  checkEvents(socket.frames);
});
