import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async";
import { encodeSamples } from "@/audio/codec.ts";
import { EngineError } from "@/errors.ts";
import { echo } from "../fakes/fast_engines.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { answer, ask, eventsOf, ofType, transcript } from "./turns.ts";
import { connect, WIRE_RATE } from "./voice_client.ts";

const PATIENCE_MS = 30_000;

/** Settings with transcription, and turns found in a certain way. */
function turns(turn_detection: Record<string, unknown> | null) {
  return { audio: { input: { transcription: {}, turn_detection } } };
}

/** A word, and the silence behind it. */
function spoken(word: string, silenceMs = 700): Uint8Array<ArrayBuffer> {
  const voice = encodeSamples(tones(word, { sampleRate: WIRE_RATE, letterMs: 40 }), "pcm16");
  return Uint8Array.from([...voice, ...new Uint8Array(silenceMs * WIRE_RATE / 1000 * 2)]);
}

Deno.test("with interrupt_response off a turn is answered when the response before it is done", async () => {
  const more = Promise.withResolvers<void>();
  await using server = await startFastServer({
    async *reply(prompt) {
      if (prompt.messages.length > 1) return yield* echo(prompt);
      yield { kind: "text", text: "First. " };
      await more.promise;
      yield { kind: "end", reason: "stop" };
    },
  });
  await using client = await connect({
    url: server.url,
    session: turns({ type: "server_vad", interrupt_response: false }),
  });
  client.pour(spoken("hello"));
  await client.next(ofType("response.output_audio_transcript.delta"));

  client.pour(spoken("again"));
  await transcript(client, { from: client.received.length });
  await client.settled();
  const whileRunning = eventsOf(client, "response.created").length;
  more.resolve();
  await client.next(() => eventsOf(client, "response.done").length === 2);

  const [first, second] = eventsOf(client, "response.done").map(({ response }) => response);
  equal(whileRunning, 1);
  deepEqual([first.status, second.status], ["completed", "completed"]);
  equal(second.output[0].content[0].transcript, "again.");
});

Deno.test("with create_response off a turn ends with its item, and is answered on request", async () => {
  await using server = await startFastServer();
  await using client = await connect({
    url: server.url,
    session: turns({ type: "server_vad", create_response: false }),
  });

  client.pour(spoken("hello"));
  await transcript(client);
  await client.settled();
  const before = eventsOf(client, "response.created").length;
  client.send({ type: "response.create" });
  const { reply } = await answer(client);

  equal(before, 0);
  equal(reply, "hello.");
});

Deno.test("speech without words has an empty transcript, and no answer", async () => {
  await using server = await startFastServer({ recognise: () => Promise.resolve("") });
  await using client = await connect({ url: server.url, session: turns({ type: "server_vad" }) });

  client.pour(spoken("ahem"));
  const heard = await transcript(client);
  await client.settled();

  equal(heard, "");
  equal(eventsOf(client, "response.created").length, 0);
});

Deno.test("a recogniser that fails is told of the item, fails the response, and harms no text turn", async () => {
  await using server = await startFastServer({
    recognise: () =>
      Promise.reject(new EngineError("secret", { engine: "ears", failure: "crashed" })),
  });
  await using client = await connect({ url: server.url, session: turns({ type: "server_vad" }) });

  client.pour(spoken("hello"));
  const failed = await client.next(
    ofType("conversation.item.input_audio_transcription.failed"),
  );
  const { done } = await answer(client);
  const { reply } = await ask(client, "In writing");

  const [committed] = eventsOf(client, "input_audio_buffer.committed");
  equal(failed.item_id, committed!.item_id);
  deepEqual(Object.keys(failed.error).toSorted(), ["code", "message", "type"]);
  equal(done.response.status, "failed");
  deepEqual(done.response.status_details.error, failed.error);
  ok(!JSON.stringify(client.received).includes("secret"));
  equal(reply, "In writing.");
});

Deno.test("more than ten minutes without a commit are refused and cleared, and what comes next is heard", async () => {
  await using server = await startFastServer();
  await using client = await connect({
    url: server.url,
    session: {
      audio: {
        input: { format: { type: "audio/pcmu" }, transcription: {}, turn_detection: null },
      },
    },
  });
  const silentMinutes = (count: number) => new Uint8Array(count * 60 * 8000).fill(0xff).toBase64();

  client.send({ type: "input_audio_buffer.append", audio: silentMinutes(9) });
  client.send({
    type: "input_audio_buffer.append",
    audio: silentMinutes(2),
    event_id: "too_much",
  });
  client.send({ type: "input_audio_buffer.commit", event_id: "of_nothing" });
  client.pour(encodeSamples(tones("hello", { sampleRate: 8000, letterMs: 40 }), "pcmu"));
  client.send({ type: "input_audio_buffer.commit" });
  const heard = await transcript(client);

  deepEqual(
    eventsOf(client, "error").map(({ error }) => [error.event_id, error.code]),
    [
      ["too_much", "input_audio_buffer_overflow"],
      ["of_nothing", "input_audio_buffer_commit_empty"],
    ],
  );
  equal(heard, "hello");
});

Deno.test("tokens are shown as the model counted them, and not at all where it did not", async () => {
  await using server = await startFastServer({
    async *reply({ messages }) {
      yield { kind: "text", text: "Yes." };
      const usage = { inputTokens: 12, outputTokens: 3, cachedTokens: 5 };
      yield { kind: "end", reason: "stop", ...(messages.length === 1 && { usage }) };
    },
  });
  await using client = await connect({ url: server.url });

  const counted = await ask(client, "Hello");
  const uncounted = await ask(client, "Again");

  deepEqual(counted.done.response.usage, {
    total_tokens: 15,
    input_tokens: 12,
    output_tokens: 3,
    input_token_details: { text_tokens: 12, audio_tokens: 0, cached_tokens: 5 },
    output_token_details: { text_tokens: 3, audio_tokens: 0 },
  });
  equal(uncounted.done.response.usage, null);
});

Deno.test("a session that has reached its longest duration says so and closes normally", async () => {
  await using server = await startFastServer({ maxMinutes: 0.005 });
  await using client = await connect({ url: server.url, session: null });

  const { error } = await client.next(ofType("error"));
  const { code } = await deadline(client.closed, PATIENCE_MS);

  equal(error.code, "session_expired");
  equal(code, 1000);
});
