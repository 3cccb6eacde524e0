/**
 * What users of other voice servers complain about, each complaint a test. Those proved elsewhere:
 *
 * | pain                                                              | proved in                               |
 * |-------------------------------------------------------------------|-----------------------------------------|
 * | the bot keeps talking after barge-in (pipecat #456, #2460, #3191) | conversation_test, browser_test         |
 * | history is not what was heard (pipecat #4996, agents-py #2009)    | conversation_test, heard_test           |
 * | memory is gone after a restart (Open-LLM-VTuber #126)             | conversation_test                       |
 * | one engine's failure kills the process (agents-js #273)           | open_session_test, worker_host_test     |
 * | a false interruption wedges the session (livekit #4039, #1229)    | open_session_test                       |
 * | patient with slow speakers or quick, never both (livekit #3427)   | turn_taking_test                        |
 * | turns are told by silence alone (RealtimeVoiceChat #51)           | turn_taking_test                        |
 * | a full server is all that users hear of (unmute #125)             | bad_input_test                          |
 * | WebSocket clients cannot authenticate (speaches #521)             | handshake_test, serve_session_test      |
 * | memory leaks per session and per cancel (pipecat #1809, #3116)    | bench: cycles                           |
 * | the assistant hears its own voice (pipecat #188, xiaozhi #1653)   | the page asks for echo cancellation     |
 *
 * @module
 */
import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async";
import { processStats } from "../bench/process_stats.ts";
import { startServer, type TestServer } from "./server.ts";
import { answer, ask, eventsOf, ofType, retrieve, write } from "./turns.ts";
import { createPerson, speechOf, words } from "./user_speech.ts";
import { audioOf, connect, type VoiceClient, WIRE_RATE } from "./voice_client.ts";

const LINES = {
  sum: "What is three plus four?",
  story: "Tell me a short story.",
};

const TRANSCRIBED = { audio: { input: { transcription: {} } } };

let server: TestServer;
/** What the user says, as 16-bit PCM at the wire's rate. */
let speech: Record<keyof typeof LINES, Uint8Array<ArrayBuffer>>;

Deno.test.beforeAll(async () => {
  await using person = await createPerson();
  speech = await speechOf(person, LINES);
  server = await startServer();
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** Asks for a long answer in writing, and waits until it is being spoken. */
async function startCounting(client: VoiceClient, to = 40): Promise<string> {
  const from = client.received.length;
  write(client, `Count out loud to ${to}.`);
  client.send({ type: "response.create" });
  const { response_id } = await client.next(ofType("response.output_audio.delta"), from);
  return response_id;
}

/** Waits for the end of a response. */
function ended(client: VoiceClient, responseId: string) {
  return client.next(({ type, response }) =>
    type === "response.done" && response.id === responseId
  );
}

function turnDetection(settings: Record<string, unknown>) {
  return {
    audio: {
      input: { transcription: {}, turn_detection: { type: "server_vad", ...settings } },
    },
  };
}

Deno.test("a reply interrupted before play-out does not wedge the session (agents-js #2065)", async () => {
  await using client = await connect({ url: server.realtime() });

  for (let i = 0; i < 5; i++) {
    write(client, "Count out loud to forty.");
    client.send({ type: "response.create" });
    client.send({ type: "response.cancel" });
  }
  write(client, "How much is two plus two?");
  client.send({ type: "response.create" });
  const { response } = await client.next(({ type, response }) =>
    type === "response.done" && response.status !== "cancelled"
  );

  equal(response.status, "completed");
  match(response.output[0].content[0].transcript, /\b(4|four)\b/i);
  equal(eventsOf(client, "response.done").length, 6);
  equal(eventsOf(client, "error").length, 0);
});

Deno.test("a reply that was never played does not enter the history (agents-js #1269)", async () => {
  await using client = await connect({ url: server.realtime() });

  write(client, "Tell me a short story.");
  client.send({ type: "response.create" });
  const { item } = await client.next(({ type, item }) =>
    type === "conversation.item.added" && item.role === "assistant"
  );
  client.send({ type: "response.cancel" });
  await client.next(ofType("response.done"));

  const heard = await retrieve(client, item.id);
  const { item: stored } = eventsOf(client, "conversation.item.retrieved").at(-1)!;
  ok(words(heard).length <= 2, heard);
  equal(stored.status, "incomplete");
});

Deno.test("what is said before the answer began is answered with it, once (agents-js #2065, livekit #3418)", async () => {
  await using client = await connect({ url: server.realtime(), session: TRANSCRIBED });
  const silence = new Uint8Array(WIRE_RATE * 2 * 0.7);

  for (const part of [speech.story, silence, speech.sum, silence, silence]) client.pour(part);
  const { response } = await client.next(({ type, response }) =>
    type === "response.done" && response.status === "completed"
  );
  await client.settled();

  match(response.output[0].content[0].transcript, /\b(7|seven)\b/i);
  equal(eventsOf(client, "input_audio_buffer.committed").length, 2);
  const going = eventsOf(client, "response.created").length -
    eventsOf(client, "response.done").length;
  equal(going, 0);
});

Deno.test("one device's speech neither stops another's answer nor sends it there (xiaozhi #2116, speech-to-speech #130)", async () => {
  await using a = await connect({ url: server.realtime() });
  await using b = await connect({ url: server.realtime(), session: TRANSCRIBED });
  a.openMicrophone();
  b.openMicrophone();

  const id = await startCounting(a, 10);
  await b.speak(speech.sum);
  const other = await answer(b);
  const { response } = await ended(a, id);

  equal(response.status, "completed");
  match(response.output[0].content[0].transcript, /nine, ten/);
  match(other.reply, /\b(7|seven)\b/i);
  equal(audioOf(a, other.responseId).length + audioOf(b, id).length, 0);
  equal(eventsOf(a, "input_audio_buffer.speech_started").length, 0);
});

Deno.test("a message in writing stops the voice and is answered (openai-realtime-console #501)", async () => {
  await using client = await connect({ url: server.realtime() });
  const id = await startCounting(client);

  client.send({ type: "response.cancel" });
  const { done, responseId } = await ask(client, "How much is two plus two?");

  const events = client.received.map(({ event }) => event);
  const cancelled = events.findIndex(({ type, response }) =>
    type === "response.done" && response.id === id
  );
  equal(events[cancelled]!.response.status, "cancelled");
  equal(events.slice(cancelled + 1).filter((event) => event.response_id === id).length, 0);
  equal(done.response.status, "completed");
  match(done.response.output[0].content[0].transcript, /\b(4|four)\b/i);
  ok(audioOf(client, responseId).length > 0);
});

Deno.test("interruption can be turned off (openai-realtime-api-beta #26)", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: turnDetection({ interrupt_response: false }),
  });
  client.openMicrophone();

  const id = await startCounting(client, 12);
  await client.speak(speech.sum);
  const { response } = await ended(client, id);
  const next = await answer(client, client.received.length - 1);

  equal(response.status, "completed");
  equal(eventsOf(client, "input_audio_buffer.speech_started").length, 1);
  match(next.reply, /\b(7|seven)\b/i);
});

Deno.test("the knob for short speech does what it says: what is shorter interrupts nothing (livekit #3515, #4270)", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: turnDetection({ min_speech_ms: 2000 }),
  });
  const short = speech.sum.slice(0, WIRE_RATE * 2 * 1.2);
  client.openMicrophone();

  const id = await startCounting(client, 10);
  await client.speak(short);
  const { response } = await ended(client, id);

  equal(response.status, "completed");
  equal(eventsOf(client, "input_audio_buffer.speech_started").length, 0);
});

Deno.test("a reply does not fall silent in the middle, nor stutter (pipecat #2941, xiaozhi #2600)", async () => {
  await using client = await connect({ url: server.realtime() });

  const id = await startCounting(client, 15);
  const { response } = await ended(client, id);

  const deltas = client.received.filter(({ event }) =>
    event.type === "response.output_audio.delta"
  );
  let sentMs = 0;
  let leastLeadMs = Infinity;
  for (const { event, at } of deltas) {
    const playedMs = at - deltas[0]!.at;
    if (sentMs > 0) leastLeadMs = Math.min(leastLeadMs, sentMs - playedMs);
    sentMs += Uint8Array.fromBase64(event.delta).length / 2 / WIRE_RATE * 1000;
  }
  equal(response.status, "completed");
  ok(sentMs > 5000, `${sentMs} ms`);
  ok(leastLeadMs > 0, `the loudspeaker ran dry for ${-leastLeadMs} ms`);
});

Deno.test("cancel and truncate are implemented, and mark what was interrupted (speaches, pipecat #1663)", async () => {
  await using client = await connect({ url: server.realtime() });
  const id = await startCounting(client);
  await client.next(() => audioOf(client, id).length > 6 * WIRE_RATE * 2);
  client.send({ type: "response.cancel", response_id: id });
  const { response } = await ended(client, id);
  const itemId = response.output[0].id;
  const played = await retrieve(client, itemId);

  client.send({
    type: "conversation.item.truncate",
    item_id: itemId,
    content_index: 0,
    audio_end_ms: 1500,
  });
  await client.next(ofType("conversation.item.truncated"));
  const heard = await retrieve(client, itemId);

  deepEqual(response.status_details, { type: "cancelled", reason: "client_cancelled" });
  equal(response.output[0].status, "incomplete");
  match(heard, /^Okay\. One/);
  ok(played.startsWith(heard) && heard.length < played.length, `"${heard}" of "${played}"`);
});

Deno.test("a language that the voice cannot speak hangs nothing (RealtimeVoiceChat #50)", async () => {
  await using client = await connect({ url: server.realtime() });

  const foreign = await ask(client, "Repeat after me: こんにちは、世界。Привет, мир!");
  const { done } = await ask(client, "How much is two plus two?");

  match(foreign.reply, /世界/);
  equal(foreign.done.response.status, "completed");
  equal(done.response.status, "completed");
});

Deno.test("nothing runs on after a hang-up in mid-reply (agents-js #927, pipecat #1654, #2955)", async () => {
  const before = server.hangUps();
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => connect({ url: server.realtime() })),
  );
  await Promise.all(clients.map((client) => startCounting(client, 500)));

  for (const client of clients) client.socket.close();
  await Promise.all(clients.map(({ closed }) => closed));
  await server.untilHangUps(before + clients.length);
  const start = await processStats(server.pid);
  await delay(1000);
  const used = (await processStats(server.pid)).cpuMs - start.cpuMs;

  ok(used < 500, `${used} ms of the processor in a second without a session`);
});
