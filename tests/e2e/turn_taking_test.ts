import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import { deadline } from "@std/async";
import { createDecoder, encodeSamples, type SampleEncoding } from "@/audio/codec.ts";
import type { AudioFormat } from "@/conversation/settings.ts";
import { decodeAll, resampleAll } from "./pcm.ts";
import { startServer, type TestServer } from "./server.ts";
import { answer, ask, eventsOf, ofType, transcript } from "./turns.ts";
import { createPerson, speechOf, words } from "./user_speech.ts";
import { audioOf, connect, WIRE_RATE } from "./voice_client.ts";

/** Audio that a turn begins with, from before its first word, in ms. */
const PREFIX_MS = 300;

const SEVEN = /\b(7|seven)\b/i;

const FORMATS: readonly (readonly [
  format: AudioFormat,
  rate: number,
  encoding: SampleEncoding,
])[] = [
  [{ type: "audio/pcm", rate: 8_000 }, 8_000, "pcm16"],
  [{ type: "audio/pcm", rate: 16_000 }, 16_000, "pcm16"],
  [{ type: "audio/pcm", rate: 22_050 }, 22_050, "pcm16"],
  [{ type: "audio/pcm", rate: 44_100 }, 44_100, "pcm16"],
  [{ type: "audio/pcm", rate: 48_000 }, 48_000, "pcm16"],
  [{ type: "audio/pcmu" }, 8_000, "pcmu"],
  [{ type: "audio/pcma" }, 8_000, "pcma"],
];

const LINES = {
  order: "I would like to order a",
  pizza: "large pizza.",
  sum: "What is three plus four?",
  name: "My name is Robert.",
  askName: "What is my name?",
  greeting: "Say good morning my friend.",
  market: "I went to the market this morning and I bought apples and oranges.",
};

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

/** Settings of the input, transcription on. */
function input(settings: Record<string, unknown>) {
  return { audio: { input: { transcription: {}, ...settings } } };
}

function silence(ms: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(WIRE_RATE * ms / 1000 * 2);
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** "I would like to order a", a pause for thought, "large pizza". */
function hesitation(): Uint8Array<ArrayBuffer> {
  return join(speech.order, silence(1200), speech.pizza);
}

Deno.test("semantic_vad waits for the end of an unfinished sentence: both halves are one turn with one answer", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: input({ turn_detection: { type: "semantic_vad" } }),
  });
  client.openMicrophone();

  await client.speak(hesitation());
  const heard = words(await transcript(client));
  const { done } = await answer(client);
  await client.settled();

  ok(heard.includes("order") && heard.includes("pizza"), heard.join(" "));
  for (const type of ["speech_started", "speech_stopped", "committed"]) {
    equal(eventsOf(client, `input_audio_buffer.${type}`).length, 1, type);
  }
  equal(eventsOf(client, "response.created").length, 1);
  equal(done.response.status, "completed");
});

Deno.test("server_vad ends a turn at a pause, whatever was said", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: input({ turn_detection: { type: "server_vad", create_response: false } }),
  });

  client.pour(join(hesitation(), silence(1000)));
  await client.next(({ type, previous_item_id }) =>
    type === "input_audio_buffer.committed" && previous_item_id !== null
  );
  const turns = await Promise.all(
    eventsOf(client, "input_audio_buffer.committed").map(async ({ item_id }) =>
      words(await transcript(client, { itemId: item_id }))
    ),
  );

  deepEqual(turns.map((turn) => turn.includes("order")), [true, false]);
  deepEqual(turns.map((turn) => turn.includes("pizza")), [false, true]);
});

Deno.test("semantic_vad answers a finished question before a doubtful sentence's time is over", async () => {
  const doubtfulMs = 1500;
  await using client = await connect({
    url: server.realtime(),
    session: input({ turn_detection: { type: "semantic_vad", eagerness: "low" } }),
  });
  client.openMicrophone();

  await client.speak(silence(PREFIX_MS + 200)); // so that the turn begins with all of its prefix
  await client.speak(speech.sum);
  const { reply } = await answer(client);

  const [started] = eventsOf(client, "input_audio_buffer.speech_started");
  const [stopped] = eventsOf(client, "input_audio_buffer.speech_stopped");
  const spokenMs = speech.sum.length / 2 / WIRE_RATE * 1000;
  const waitedMs = stopped!.audio_end_ms - started!.audio_start_ms - PREFIX_MS - spokenMs;
  ok(waitedMs < doubtfulMs - 200, `waited for ${waitedMs} ms`);
  match(reply, SEVEN);
});

Deno.test("noise reduction changes nothing in what is understood", async () => {
  const clear = decodeAll(speech.market);
  let seed = 1;
  const noisy = new Float32Array(clear.length + 2 * WIRE_RATE).map((_, i) => {
    seed = seed * 48271 % 2147483647;
    return (clear[i - WIRE_RATE] ?? 0) + 0.01 * (2 * seed / 2147483647 - 1);
  });
  const heard: string[] = [];

  for (const noise_reduction of [null, { type: "near_field" }]) {
    await using client = await connect({
      url: server.realtime(),
      session: input({
        noise_reduction,
        turn_detection: { type: "server_vad", create_response: false },
      }),
    });
    client.pour(encodeSamples(noisy, "pcm16"));
    heard.push(await transcript(client));
  }

  ok(words(heard[0]!).includes("market"), heard[0]!);
  deepEqual(words(heard[1]!), words(heard[0]!));
});

Deno.test("without turn detection a turn is what the client commits, and is answered when it asks", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: input({ turn_detection: null }),
  });

  client.pour(speech.sum);
  client.send({ type: "input_audio_buffer.commit" });
  const heard = await transcript(client);
  await client.settled();
  const before = eventsOf(client, "response.created").length;
  client.send({ type: "response.create" });
  const { reply } = await answer(client);

  ok(words(heard).includes("plus"), heard);
  equal(before, 0);
  equal(eventsOf(client, "input_audio_buffer.speech_started").length, 0);
  match(reply, SEVEN);
});

Deno.test("two commits in a row are two turns in order, and an answer waits for the words of both", async () => {
  await using client = await connect({
    url: server.realtime(),
    session: { output_modalities: ["text"], ...input({ turn_detection: null }) },
  });

  client.pour(speech.name);
  client.send({ type: "input_audio_buffer.commit" });
  client.pour(speech.askName);
  client.send({ type: "input_audio_buffer.commit" });
  client.send({ type: "input_audio_buffer.commit", event_id: "nothing-left" });
  client.send({ type: "response.create" });
  const { reply } = await answer(client);
  const { error } = await client.next(ofType("error"));

  const [first, second] = eventsOf(client, "input_audio_buffer.committed");
  equal(second?.previous_item_id, first?.item_id);
  ok(words(reply).includes("robert"), reply);
  equal(error.code, "input_audio_buffer_commit_empty");
  equal(error.event_id, "nothing-left");
});

Deno.test("every rate of PCM and both kinds of G.711 are understood, and answered in the same format", async () => {
  await using person = await createPerson();

  for (const [format, rate, encoding] of FORMATS) {
    await using client = await connect({
      url: server.realtime(),
      session: { audio: { input: { format, transcription: {} }, output: { format } } },
    });
    const question = decodeAll(join(speech.sum, silence(1000)));
    client.pour(encodeSamples(resampleAll(question, WIRE_RATE, rate), encoding), {
      chunkBytes: 333,
    });
    const heard = words(await transcript(client));
    const { responseId, reply } = await answer(client);

    const spoken = createDecoder(encoding)(audioOf(client, responseId));
    const understood = await person.understand(
      encodeSamples(resampleAll(spoken, rate, WIRE_RATE), "pcm16"),
    );
    const name = `${format.type} at ${rate} Hz`;
    ok(heard.includes("plus"), `${name}: ${heard.join(" ")}`);
    match(reply, SEVEN);
    ok(SEVEN.test(understood), `${name}: "${reply}" was heard as "${understood}"`);
  }
});

Deno.test("?audio=binary takes microphone audio in binary frames, and answers with the same bytes as in base64", async () => {
  await using plain = await connect({ url: server.realtime(), session: input({}) });
  await using binary = await connect({
    url: server.realtime({ audio: "binary" }),
    session: input({}),
  });
  const question = join(speech.greeting, silence(1000));

  plain.pour(question);
  binary.pour(question, { binary: true });
  const [expected, actual] = await Promise.all([answer(plain), answer(binary)]);

  const frames = binary.frames.filter((frame) => frame instanceof Uint8Array);
  equal(actual.reply, expected.reply);
  deepEqual(join(...frames), audioOf(plain, expected.responseId));
  equal(eventsOf(binary, "response.output_audio.delta").length, 0);
});

Deno.test("?metrics=1 tells how long a spoken turn took, stage by stage, and nobody else is told", async () => {
  await using watching = await connect({ url: server.realtime({ metrics: "1" }) });
  await using other = await connect({ url: server.realtime() });

  for (const client of [watching, other]) {
    client.openMicrophone();
    await client.speak(speech.sum);
  }
  const { responseId } = await answer(watching);
  const metrics = await watching.next(ofType("chatai.turn.metrics"));
  await answer(other);
  await other.settled();

  const { endpoint, transcript, first_token, first_audio, voice_to_voice } = metrics;
  equal(metrics.response_id, responseId);
  ok(endpoint >= 400 && transcript >= 0, JSON.stringify(metrics));
  ok(
    endpoint <= first_token && first_token <= first_audio && first_audio <= voice_to_voice,
    JSON.stringify(metrics),
  );
  equal(eventsOf(other, "chatai.turn.metrics").length, 0);
});

Deno.test("?partials=1 shows the words while they are spoken", async () => {
  await using client = await connect({
    url: server.realtime({ partials: "1" }),
    session: input({ turn_detection: { type: "server_vad", create_response: false } }),
  });
  client.openMicrophone();

  await client.speak(
    speech.market,
  );
  await transcript(client);

  const events = client.received.map(({ event }) => event);
  const stopped = events.findIndex(ofType("input_audio_buffer.speech_stopped"));
  const partials = events.slice(0, stopped)
    .filter(ofType("chatai.input_audio_transcription.partial"));
  ok(partials.length > 0);
  ok(words(partials.at(-1)!.transcript).includes("market"), JSON.stringify(partials));
  ok(partials.every(({ item_id }) => item_id === events[stopped]!.item_id));
});

Deno.test("a second connection takes a session over: the first is closed with 4001, the second goes on", async () => {
  const session = { output_modalities: ["text"] };
  await using first = await connect({ url: server.realtime(), session });
  const { id } = first.received[0]!.event.session;
  await ask(first, "My name is Ada.");

  await using second = await connect({ url: server.realtime({ session: id }), session });
  const { code } = await deadline(first.closed, 30_000);
  const { reply } = await ask(second, "What is my name?");

  const created = second.received[0]!.event;
  equal(code, 4001);
  equal(created.session.id, id);
  equal(created["chatai.resumed"], true);
  ok(words(reply).includes("ada"), reply);
});

Deno.test("an unknown session id begins a new session under an id of its own", async () => {
  const unknown = "sess_000000000000000000000000";

  await using client = await connect({ url: server.realtime({ session: unknown }) });
  await client.settled();

  const created = client.received[0]!.event;
  notEqual(created.session.id, unknown);
  equal(created["chatai.resumed"], undefined);
  equal(eventsOf(client, "conversation.item.added").length, 0);
});
