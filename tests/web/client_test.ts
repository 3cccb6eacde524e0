import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createVoiceClient, type VoiceClient, type VoiceState } from "@/web/client.ts";
import type { Connection } from "@/web/connection.ts";
import { BYTES_PER_MS } from "@/web/player.ts";
import {
  type FakeConnection,
  type FakeServer,
  startFakeServer,
  type WireEvent,
} from "../fakes/realtime_server.ts";
import { createScriptedPlayer } from "../fakes/scripted_player.ts";
import { added, created, done, reply, says, soundBegins, soundEnds } from "./wire.ts";

const SPEECH: WireEvent = { type: "input_audio_buffer.speech_started", item_id: "u1" };
const SESSION: WireEvent = { type: "session.created", session: { id: "sess_1" } };

function sound(ms: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ms * BYTES_PER_MS);
}

/** Waits until the client's state is as wanted. */
function until(
  client: VoiceClient,
  wanted: (state: VoiceState) => boolean,
): Promise<VoiceState> {
  const { promise, resolve } = Promise.withResolvers<VoiceState>();
  const check = (state: VoiceState) => wanted(state) && resolve(state);
  const unsubscribe = client.subscribe(check);
  check(client.getState());
  return promise.finally(unsubscribe);
}

function status(wanted: Connection["status"]): (state: VoiceState) => boolean {
  return ({ connection }) => connection.status === wanted;
}

interface Talk extends AsyncDisposable {
  readonly client: VoiceClient;
  readonly player: ReturnType<typeof createScriptedPlayer>;
  readonly server: FakeConnection;
}

/** A client in a session. */
async function talk(fake: FakeServer): Promise<Talk> {
  const player = createScriptedPlayer();
  const client = createVoiceClient({ url: fake.url, player, random: () => 0 });
  client.connect();
  const server = await fake.accept();
  server.send(SESSION);
  await until(client, ({ sessionId }) => sessionId === "sess_1");
  return {
    client,
    player,
    server,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.close(1000);
    },
  };
}

/** Lets the server speak a reply up to here: 200 ms of sound are there. */
async function replying({ server, client }: Talk): Promise<void> {
  server.send(
    created("r1"),
    added(reply("a1"), null),
    soundBegins("r1", "a1"),
    says("r1", "a1", "One, two, three."),
  );
  server.sendAudio(sound(200));
  await until(client, ({ conversation }) => conversation.playing);
}

Deno.test("a client asks for everything it builds on, and is told of every turn", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  const update = await session.server.next("session.update");

  equal(session.server.url.search, "?audio=binary&partials=1&metrics=1");
  deepEqual(session.server.protocols, ["realtime"]);
  deepEqual(update.session.audio.input, {
    transcription: {},
    turn_detection: { type: "semantic_vad" },
  });
});

Deno.test("a key goes along as a subprotocol", async () => {
  await using fake = startFakeServer();
  const client = createVoiceClient({
    url: fake.url,
    player: createScriptedPlayer(),
    apiKey: "k-1",
  });

  client.connect();
  const server = await fake.accept();

  deepEqual(server.protocols, ["realtime", "openai-insecure-api-key.k-1"]);
  client.close();
  await server.close(1000);
});

Deno.test("what the microphone hears goes out as binary frames", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  session.client.sendAudio(Uint8Array.of(1, 2, 3, 4));

  deepEqual(await session.server.nextAudio(), Uint8Array.of(1, 2, 3, 4));
});

Deno.test("binary frames are played as the sound of the item they came for", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  await replying(session);

  deepEqual(session.player.log, ["a1:200"]);
  equal(session.client.getState().conversation.activity, "speaking");
});

Deno.test("speech over a reply silences it and tells the server what was played", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);
  session.player.played = { itemId: "a1", playedMs: 120.7 };

  session.server.send(SPEECH);
  const truncate = await session.server.next("conversation.item.truncate");
  const retrieve = await session.server.next("conversation.item.retrieve");

  deepEqual(truncate, {
    type: "conversation.item.truncate",
    item_id: "a1",
    content_index: 0,
    audio_end_ms: 120,
  });
  equal(retrieve.item_id, "a1");
  deepEqual(session.player.log, ["a1:200", "clear"]);
});

Deno.test("sound of an interrupted reply that is still on its way is not played", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);

  session.server.send(SPEECH);
  session.server.sendAudio(sound(40));
  session.server.send(soundBegins("r1", "a2"));
  session.server.sendAudio(sound(40));
  session.server.send(done("r1", "cancelled"), created("r2"), soundBegins("r2", "a3"));
  session.server.sendAudio(sound(60));
  await until(
    session.client,
    ({ conversation }) =>
      conversation.playing && !!conversation.responseId && conversation.responseId !== "r1",
  );

  deepEqual(session.player.log, ["a1:200", "clear", "a3:60"]);
});

Deno.test("a reply that is done but still playing is cut, too", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);
  session.server.send(soundEnds("r1", "a1"), done("r1", "completed"));
  session.player.played = { itemId: "a1", playedMs: 50 };

  session.server.send(SPEECH);
  const truncate = await session.server.next("conversation.item.truncate");

  equal(truncate.audio_end_ms, 50);
});

Deno.test("a reply that was played to its end is not cut", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);
  session.server.send(soundEnds("r1", "a1"), done("r1", "completed"));
  await until(session.client, ({ conversation }) => conversation.responseId === undefined);
  session.player.drain();

  session.server.send(SPEECH);
  await until(session.client, ({ conversation }) => conversation.userSpeaking);
  await session.client.sendText("next");
  await session.server.next("conversation.item.create");

  deepEqual(session.server.events.map(({ type }) => type), [
    "session.update",
    "conversation.item.create",
  ]);
});

Deno.test("interrupting cancels the response and cuts what was not played", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);
  session.player.played = { itemId: "a1", playedMs: 10 };

  await session.client.interrupt();
  const cancel = await session.server.next("response.cancel");
  const truncate = await session.server.next("conversation.item.truncate");

  equal(cancel.response_id, "r1");
  equal(truncate.audio_end_ms, 10);
});

Deno.test("of a reply cancelled before it sounded, the server is asked what counts as said", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  session.server.send(created("r1"), added(reply("a1"), null), says("r1", "a1", "One"));

  session.server.send(SPEECH, done("r1", "cancelled", [reply("a1", "")]));
  const retrieve = await session.server.next("conversation.item.retrieve");

  equal(retrieve.item_id, "a1");
});

Deno.test("a typed turn is an item and a request for the reply", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  await session.client.sendText("Hello");
  const { item } = await session.server.next("conversation.item.create");
  await session.server.next("response.create");

  deepEqual(item.content, [{ type: "input_text", text: "Hello" }]);
  equal(session.client.getState().conversation.activity, "thinking");
});

Deno.test("a typed turn ends the reply before it, and asks for the next one when that has ended", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);
  await replying(session);

  await session.client.sendText("Stop, listen");
  session.client.sendAudio(sound(20));
  await session.server.nextAudio(); // all that was sent before it is there
  const before = session.server.events.map(({ type }) => type);
  session.server.send(done("r1", "cancelled"));
  await session.server.next("response.create");

  deepEqual(before.slice(1), [
    "response.cancel",
    "conversation.item.truncate",
    "conversation.item.retrieve",
    "conversation.item.create",
  ]);
});

Deno.test("what is typed before there is a connection is sent when there is one", async () => {
  await using fake = startFakeServer();
  const client = createVoiceClient({ url: fake.url, player: createScriptedPlayer() });

  client.connect();
  await client.sendText("Hello");
  const server = await fake.accept();
  server.send(SESSION);
  const { item } = await server.next("conversation.item.create");
  await server.next("response.create");

  equal(item.content[0].text, "Hello");
  client.close();
  await server.close(1000);
});

Deno.test("a lost connection comes back by itself and resumes the session", async () => {
  using time = new FakeTime();
  await using fake = startFakeServer();
  await using session = await talk(fake);

  await session.server.close(1011);
  const { connection } = await until(session.client, status("waiting"));
  time.tick(250);
  const next = await fake.accept();
  next.send({ ...SESSION, "chatai.resumed": true });
  await until(session.client, status("online"));

  deepEqual(connection, { status: "waiting", delayMs: 250, cause: "lost" });
  equal(next.url.searchParams.get("session"), "sess_1");
  session.client.close();
  await next.close(1000);
});

Deno.test("each attempt that fails waits longer than the one before", async () => {
  using time = new FakeTime();
  await using fake = startFakeServer({ intercept: () => new Response(null, { status: 500 }) });
  const client = createVoiceClient({
    url: fake.url,
    player: createScriptedPlayer(),
    random: () => 0,
  });
  const delays: number[] = [];

  client.connect();
  while (delays.length < 4) {
    const { connection } = await until(client, status("waiting"));
    if (connection.status === "waiting") delays.push(connection.delayMs);
    time.tick(delays.at(-1));
  }
  client.close();

  deepEqual(delays, [250, 500, 1000, 2000]);
});

Deno.test("a full server is asked again when it said", async () => {
  using _time = new FakeTime();
  await using fake = startFakeServer({
    intercept: () => new Response(null, { status: 503, headers: { "retry-after": "7" } }),
  });
  const client = createVoiceClient({ url: fake.url, player: createScriptedPlayer() });

  client.connect();
  const { connection } = await until(client, status("waiting"));
  client.close();

  deepEqual(connection, { status: "waiting", delayMs: 7000, cause: "busy" });
});

Deno.test("a server that wants a key is not asked again", async () => {
  await using fake = startFakeServer({ intercept: () => new Response(null, { status: 401 }) });
  const client = createVoiceClient({ url: fake.url, player: createScriptedPlayer() });

  client.connect();
  const { connection } = await until(client, status("closed"));

  deepEqual(connection, { status: "closed", reason: "unauthorised" });
});

Deno.test("a key that cannot be sent is refused at once", () => {
  const client = createVoiceClient({
    url: "ws://127.0.0.1:1",
    player: createScriptedPlayer(),
    apiKey: "my key",
  });

  client.connect();

  deepEqual(client.getState().connection, { status: "closed", reason: "unauthorised" });
});

Deno.test("a session that was taken over stays where it went", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  await session.server.close(4001);
  const { connection } = await until(session.client, status("closed"));

  deepEqual(connection, { status: "closed", reason: "taken_over" });
});

Deno.test("a client that was closed asks for its session again when it connects", async () => {
  await using fake = startFakeServer();
  await using session = await talk(fake);

  session.client.close();
  await session.server.close(1000);
  session.client.connect();
  const next = await fake.accept();

  match(next.url.search, /&session=sess_1$/);
  session.client.close();
  await next.close(1000);
});

Deno.test("a subscriber that left is not told any more", () => {
  const client = createVoiceClient({
    url: "ws://127.0.0.1:1",
    player: createScriptedPlayer(),
    apiKey: "my key",
  });
  let told = 0;
  const unsubscribe = client.subscribe(() => told++);

  unsubscribe();
  client.connect();

  equal(told, 0);
});
