import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { WireEvent } from "./event_log.ts";
import { startServer } from "./server.ts";
import { createPerson, words } from "./user_speech.ts";
import { audioOf, connect, type VoiceClient, WIRE_RATE } from "./voice_client.ts";

const TRANSCRIBED = { audio: { input: { transcription: { model: "test" } } } };

function ofType(type: string) {
  return (event: WireEvent) => event.type === type;
}

function draw<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)]!;
}

async function retrieve(client: VoiceClient, itemId: string): Promise<string> {
  const from = client.received.length;
  client.send({ type: "conversation.item.retrieve", item_id: itemId });
  const { item } = await client.next(ofType("conversation.item.retrieved"), from);
  return item.content[0].transcript ?? item.content[0].text;
}

/** Says how much of an item was played, and tells what the server makes of that. */
async function truncate(
  client: VoiceClient,
  { itemId, ms }: { readonly itemId: string; readonly ms: number },
): Promise<string> {
  client.send({
    type: "conversation.item.truncate",
    item_id: itemId,
    content_index: 0,
    audio_end_ms: ms,
  });
  return await retrieve(client, itemId);
}

/** Speaks, and waits for what the server heard. */
async function say(client: VoiceClient, pcm: Uint8Array): Promise<string> {
  const from = client.received.length;
  await client.speak(pcm);
  const completed = "conversation.item.input_audio_transcription.completed";
  return (await client.next(ofType(completed), from)).transcript;
}

function transcriptOf(done: WireEvent): string {
  return done.response.output[0].content[0].transcript;
}

Deno.test("a question about the time somewhere is understood, and answered in words that can be heard", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using client = await connect({ url: server.realtime(), session: TRANSCRIBED });
  const city = draw(["Paris", "London", "Tokyo", "Chicago", "Berlin"]);
  client.openMicrophone();

  const heard = await say(client, await person.speech(`What time is it in ${city}?`));
  const done = await client.next(ofType("response.done"));

  const reply = transcriptOf(done);
  const understood = await person.understand(audioOf(client, done.response.id));
  ok(words(heard).includes(city.toLowerCase()), heard);
  ok(words(reply).includes(city.toLowerCase()), reply);
  const steady = words(reply).filter((word) => !/^(\d+|[ap]m)$/.test(word)); // a time has many ways to be said
  const missed = steady.filter((word) => !words(understood).includes(word));
  ok(steady.length >= 4 && words(understood).includes(city.toLowerCase()), understood);
  ok(missed.length <= 1, `"${reply}" was heard as "${understood}"`);
  equal(done.response.status, "completed");
});

Deno.test("two sessions at once do not mix", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  const names = ["Peter", "Robert"];
  const clients = await Promise.all(
    names.map(() => connect({ url: server.realtime(), session: TRANSCRIBED })),
  );

  const replies = await Promise.all(clients.map(async (client, i) => {
    client.openMicrophone();
    await say(client, await person.speech(`My name is ${names[i]}.`));
    await client.next(ofType("response.done"));
    const from = client.received.length;
    await say(client, await person.speech("What is my name?"));
    return transcriptOf(await client.next(ofType("response.done"), from));
  }));

  ok(words(replies[0]!).includes("peter") && !words(replies[0]!).includes("robert"), replies[0]!);
  ok(words(replies[1]!).includes("robert") && !words(replies[1]!).includes("peter"), replies[1]!);
  for (const client of clients) await client[Symbol.asyncDispose]();
});

Deno.test("speaking over a long answer silences it, and only what was heard is remembered", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using client = await connect({ url: server.realtime(), session: TRANSCRIBED });
  const top = draw([30, 35, 40, 45]);
  client.openMicrophone();
  await say(client, await person.speech(`Count out loud to ${top}.`));
  const { response: { id } } = await client.next(ofType("response.created"));
  const { item } = await client.next(ofType("response.output_item.added"));
  await client.next(() => audioOf(client, id).length > 5 * WIRE_RATE * 2);

  const spoken = await person.speech("Okay, thank you, that is enough.");
  const before = client.received.length;
  await client.speak(spoken);
  const done = await client.next(
    ({ type, response }) => type === "response.done" && response.id === id,
  );

  const events = client.received.map(({ event }) => event);
  const started = events.findIndex((event, i) =>
    i >= before && event.type === "input_audio_buffer.speech_started"
  );
  const ended = events.indexOf(done);
  const heard = await retrieve(client, item.id);
  const played = client.received[started]!.at -
    client.received.find(({ event }) => event.type === "response.output_audio.delta")!.at;
  const sent = audioOf(client, id).length / 2 / WIRE_RATE * 1000;
  const heardByClient = await truncate(client, { itemId: item.id, ms: Math.floor(played) });
  const allSent = await truncate(client, { itemId: item.id, ms: Math.floor(sent) });
  const full = events.filter(({ type, response_id }) =>
    type === "response.output_audio_transcript.delta" && response_id === id
  ).map(({ delta }) => delta).join("");
  equal(done.response.status, "cancelled");
  deepEqual(done.response.status_details, { type: "cancelled", reason: "turn_detected" });
  ok(started >= 0 && started < ended);
  equal(
    events.slice(started).filter(({ type }) => type === "response.output_audio.delta").length,
    0,
  );
  ok(heard.length > 0 && heard.length < full.length && full.startsWith(heard), heard);
  ok(
    Math.abs(words(heard).length - words(heardByClient).length) <= 2,
    `${heardByClient} / ${heard}`,
  );
  ok(heard.length < allSent.length, `${allSent} / ${heard}`);
});

Deno.test("speaking over an answer that is done but still playing cuts it to what was heard", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using client = await connect({ url: server.realtime(), session: TRANSCRIBED });
  client.openMicrophone();
  const interruption = await person.speech("No, wait, I want to say something.");

  await say(client, await person.speech("Say good morning my friend."));
  const done = await client.next(ofType("response.done"));
  const from = client.received.length;
  await client.speak(interruption);
  await client.next(ofType("input_audio_buffer.speech_started"), from);

  const heard = await retrieve(client, done.response.output[0].id);
  const reply = transcriptOf(done);
  equal(done.response.status, "completed");
  ok(heard.length < reply.length && reply.startsWith(heard), `"${heard}" of "${reply}"`);
});

Deno.test("a turn in writing is answered in writing", async () => {
  await using server = await startServer();
  await using client = await connect({
    url: server.realtime(),
    session: { output_modalities: ["text"] },
  });
  const [a, b] = [draw([11, 12, 13, 14]), draw([21, 22, 23, 24])];

  client.send({
    type: "conversation.item.create",
    item: {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: `How much is ${a} plus ${b}?` }],
    },
  });
  client.send({ type: "response.create" });
  const done = await client.next(ofType("response.done"));

  const [{ content: [{ type, text }] }] = done.response.output;
  equal(type, "output_text");
  ok(text.includes(String(a + b)), text);
  equal(client.received.some(({ event }) => event.type.includes("output_audio")), false);
});

Deno.test("an answer that the client cancels still yields what the user said", async () => {
  await using server = await startServer();
  await using person = await createPerson();
  await using client = await connect({
    url: server.realtime(),
    session: { audio: { input: { transcription: {}, turn_detection: null } } },
  });
  const pcm = await person.speech("Tell me a short story.");

  client.send({ type: "input_audio_buffer.append", audio: pcm.toBase64() });
  client.send({ type: "input_audio_buffer.commit" });
  client.send({ type: "response.create" });
  await client.next(ofType("response.created"));
  client.send({ type: "response.cancel" });
  const done = await client.next(ofType("response.done"));
  const { transcript } = await client.next(
    ofType("conversation.item.input_audio_transcription.completed"),
  );

  deepEqual(done.response.status_details, { type: "cancelled", reason: "client_cancelled" });
  ok(words(transcript).includes("story"), transcript);
});

Deno.test("after a crash in mid-reply a session goes on with everything but that reply", async () => {
  const kv = await Deno.makeTempFile({ suffix: ".kv" });
  const name = draw(["Ada", "Grace", "Alan"]);
  let sessionId = "";
  {
    await using server = await startServer({ KV_PATH: kv });
    const client = await connect({ url: server.realtime() });
    sessionId = client.received[0]!.event.session.id;
    const ask = (text: string) => {
      client.send({
        type: "conversation.item.create",
        item: { type: "message", role: "user", content: [{ type: "input_text", text }] },
      });
      client.send({ type: "response.create" });
    };
    ask(`My name is ${name}.`);
    await client.next(ofType("response.done"));
    const from = client.received.length;
    ask("Count out loud to fifty.");
    await client.next(ofType("response.output_audio.delta"), from);
    await server.kill();
    await client.closed;
  }

  await using server = await startServer({ KV_PATH: kv });
  await using client = await connect({
    url: server.realtime({ session: sessionId }),
    session: { output_modalities: ["text"] },
  });
  client.send({
    type: "conversation.item.create",
    item: {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "What is my name?" }],
    },
  });
  client.send({ type: "response.create" });
  const done = await client.next(ofType("response.done"));

  const created = client.received[0]!.event;
  const roles = client.received
    .filter(({ event }) => event.type === "conversation.item.done")
    .map(({ event }) => event.item.role);
  equal(created.session.id, sessionId);
  equal(created["chatai.resumed"], true);
  deepEqual(roles.slice(0, 3), ["user", "assistant", "user"]);
  ok(done.response.output[0].content[0].text.includes(name), JSON.stringify(done));
  await Deno.remove(kv);
});
