import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { TestClient } from "../realtime/realtime_server.ts";

function append(client: TestClient, samples: Float32Array): void {
  client.send({
    type: "input_audio_buffer.append",
    audio: encodeSamples(samples, "pcm16").toBase64(),
  });
}

Deno.test("a transcription session hears turns, writes them down, and never answers", async () => {
  await using server = await startFastServer();
  const client = new TestClient(`${server.url}?intent=transcription`);
  const { session } = await client.event("session.created");
  client.send({
    type: "session.update",
    session: {
      type: "transcription",
      audio: { input: { format: { type: "audio/pcm", rate: SAMPLE_RATE } } },
    },
  });
  const updated = await client.event("session.updated");

  append(client, tones("hello", { sampleRate: SAMPLE_RATE, letterMs: 40 }));
  append(client, new Float32Array(SAMPLE_RATE));
  const heard = await client.event("conversation.item.input_audio_transcription.completed");
  client.send({ type: "response.create", event_id: "mine" });
  const { error } = await client.event("error");

  equal(heard.transcript, "hello");
  deepEqual([error.code, error.event_id], ["invalid_value", "mine"]);
  deepEqual(server.prompts, []);
  deepEqual(
    client.frames.map((frame) => (frame as { type: string }).type).slice(3),
    [
      "input_audio_buffer.speech_started",
      "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",
      "conversation.item.added",
      "conversation.item.done",
      "conversation.item.input_audio_transcription.delta",
      "conversation.item.input_audio_transcription.completed",
      "error",
    ],
  );
  for (const { object, type, audio } of [session, updated.session]) {
    deepEqual([object, type], ["realtime.transcription_session", "transcription"]);
    deepEqual([Object.keys(audio), audio.input.transcription], [["input"], {}]);
  }
  await client.close();
  checkEvents(client.frames);
});

Deno.test("a GA client that updates its session in beta words is answered in GA words", async () => {
  await using server = await startFastServer();
  const client = new TestClient(server.url);
  await client.event("session.created");

  client.send({ type: "session.update", session: { modalities: ["text"], voice: "other" } });
  client.send({ type: "response.create" });

  const { session } = await client.event("session.updated");
  await client.event("response.done");
  deepEqual([session.output_modalities, session.audio.output.voice], [["text"], "other"]);
  await client.close();
  checkEvents(client.frames);
});
