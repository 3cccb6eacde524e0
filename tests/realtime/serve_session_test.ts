import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { setImmediate } from "node:timers/promises";
import type { Client } from "@/conversation/client.ts";
import type { Session, SessionEnd } from "@/conversation/session.ts";
import type { Handshake } from "@/realtime/handshake.ts";
import { type ConnectionRequest, serveSession } from "@/realtime/serve_session.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { ScriptedSession } from "../fakes/scripted_session.ts";
import { greet, serveRealtime, TestClient } from "./realtime_server.ts";
import { PLAIN, responseHead, sessionView, userItem } from "./wire.ts";
import { oneKey } from "../fakes/one_key.ts";

Deno.test("a connection begins with session.created and answers what it is asked", async () => {
  const session = new ScriptedSession({
    retrieveItem() {
      throw new Error("broken");
    },
  });
  await using server = serveRealtime({ open: greet(session) });
  const client = new TestClient(server.url);
  await client.event("conversation.created");

  client.send({ type: "conversation.item.retrieve", item_id: "a", event_id: "mine" });

  equal((await client.event("error")).error.event_id, "mine");
  checkEvents(client.frames);
  await client.close();
});

Deno.test("what was asked for in the URL reaches the session", async () => {
  const requests: ConnectionRequest[] = [];
  await using server = serveRealtime({
    identify: () => ({ subject: "me" }),
    open: (client, request) => {
      requests.push(request);
      return greet(new ScriptedSession())(client, request);
    },
  });
  const client = new TestClient(`${server.url}?model=m&session=sess_1&intent=transcription`);
  await client.event("session.created");
  await client.close();

  const [{ subject, model, resume, type }] = requests as [ConnectionRequest];

  deepEqual([subject, model, resume, type], ["me", "m", "sess_1", "transcription"]);
});

Deno.test("what a client sends before its session is open is served in order", async () => {
  const session = new ScriptedSession();
  const opening = Promise.withResolvers<Session>();
  await using server = serveRealtime({ open: () => opening.promise });
  const client = new TestClient(server.url);
  await new Promise((resolve) => client.socket.onopen = resolve);
  client.send({ type: "input_audio_buffer.clear" });
  client.send({ type: "response.create" });
  client.send({ type: "nonsense" });

  opening.resolve(session);

  await client.event("error");
  deepEqual(session.calls, [["clear"], ["createResponse", {}]]);
  await client.close();
});

Deno.test("events are served one after another", async () => {
  const order: string[] = [];
  const committing = Promise.withResolvers<void>();
  const session = new ScriptedSession({
    async commit() {
      order.push("commit begins");
      await committing.promise;
      order.push("commit ends");
    },
    createResponse: () => void order.push("response"),
    append: () => committing.resolve(),
  });
  await using server = serveRealtime({ open: greet(session) });
  const client = new TestClient(server.url);
  await client.event("session.created");

  client.send({ type: "input_audio_buffer.commit" });
  client.send({ type: "response.create" });
  client.send({ type: "nonsense" });
  queueMicrotask(committing.resolve);

  await client.event("error");
  deepEqual(order, ["commit begins", "commit ends", "response"]);
  await client.close();
});

Deno.test("the session is disposed of as soon as the client is gone, in the middle of a call too", async () => {
  const committing = Promise.withResolvers<void>();
  const session = new ScriptedSession({
    commit() {
      committing.resolve();
      return new Promise(() => {}); // never
    },
  });
  await using server = serveRealtime({ open: greet(session) });
  const client = new TestClient(server.url);
  await client.event("session.created");
  client.send({ type: "input_audio_buffer.commit" });
  await committing.promise;

  await client.close();
  await server.ended();

  deepEqual(session.calls.map(([method]) => method), ["commit", Symbol.asyncDispose]);
});

Deno.test("a session that opens after its client has gone is disposed of", async () => {
  const session = new ScriptedSession();
  const opening = Promise.withResolvers<Session>();
  const asked = Promise.withResolvers<void>();
  await using server = serveRealtime({
    open: () => {
      asked.resolve();
      return opening.promise;
    },
  });
  const client = new TestClient(server.url);
  await asked.promise;
  await client.close();

  opening.resolve(session);
  await server.ended();

  deepEqual(session.calls, [[Symbol.asyncDispose]]);
});

for (
  const [end, code] of [
    ["taken_over", 4001],
    ["shutdown", 1001],
    ["failed", 1011],
    ["expired", 1000],
  ] as const satisfies [SessionEnd, number][]
) {
  Deno.test(`a session that ends as ${end} closes the connection with ${code}`, async () => {
    const session = new ScriptedSession();
    await using server = serveRealtime({ open: greet(session) });
    const client = new TestClient(server.url);
    await client.event("session.created");

    session.end(end);

    const closed = await client.closed;
    equal(closed.code, code);
    equal(
      client.frames.some((frame) =>
        (frame as { error?: { code: string } }).error?.code === "session_expired"
      ),
      end === "expired",
    );
  });
}

Deno.test("a session that has ended while it opened closes the connection", async () => {
  const session = new ScriptedSession();
  session.end("taken_over");
  await using server = serveRealtime({ open: greet(session) });

  const { code } = await new TestClient(server.url).closed;

  equal(code, 4001);
});

Deno.test("a session that cannot be opened closes the connection with 1011", async () => {
  await using server = serveRealtime({ open: () => Promise.reject(new Error("no store")) });

  const { code } = await new TestClient(server.url).closed;

  equal(code, 1011);
});

Deno.test("a frame of 15 MiB of base64 is served, one above 16 MiB closes with 1009", async () => {
  const session = new ScriptedSession();
  await using server = serveRealtime({ open: greet(session) });
  const client = new TestClient(server.url);
  await client.event("session.created");

  client.send({ type: "input_audio_buffer.append", audio: "A".repeat(15 * 1024 * 1024) });
  client.send({ type: "input_audio_buffer.append", audio: "A".repeat(16 * 1024 * 1024) });

  const { code } = await client.closed;
  equal(code, 1009);
  deepEqual(session.calls.map(([method]) => method), ["append", Symbol.asyncDispose]);
});

Deno.test("a client that floods a busy session is closed with 1008", async () => {
  const session = new ScriptedSession({ commit: () => new Promise(() => {}) });
  await using server = serveRealtime({ open: greet(session) });
  const client = new TestClient(server.url);
  await client.event("session.created");

  client.send({ type: "input_audio_buffer.commit" });
  for (let i = 0; i < 5; i++) {
    client.send({ type: "input_audio_buffer.append", audio: "A".repeat(10 * 1024 * 1024) });
  }

  equal((await client.closed).code, 1008);
});

Deno.test("binary audio goes both ways as bare bytes", async () => {
  const session = new ScriptedSession();
  const opened = Promise.withResolvers<Client>();
  await using server = serveRealtime({
    open: (client, request) => {
      opened.resolve(client);
      return greet(session)(client, request);
    },
  });
  const client = new TestClient(`${server.url}?audio=binary`);
  await client.event("session.created");

  client.socket.send(new Uint8Array([1, 2, 3]));
  const response = (await opened.promise).openResponse(responseHead());
  response.message("item_1", null);
  response.audio(new Float32Array([0.5]));
  response.end({ status: "completed" }, undefined);
  await client.event("response.done");
  client.send({ type: "nonsense" });
  await client.event("error");

  deepEqual(session.calls, [["append", new Uint8Array([1, 2, 3])]]);
  deepEqual(client.frames.filter((frame) => frame instanceof Uint8Array), [
    new Uint8Array([0, 64]),
  ]);
  checkEvents(client.frames);
  await client.close();
});

Deno.test("a client that does not read is closed, and its session disposed of", async () => {
  const session = new ScriptedSession();
  const opened = Promise.withResolvers<Client>();
  await using server = serveRealtime({
    open: (client) => {
      opened.resolve(client);
      return Promise.resolve(session);
    },
  });
  using silent = await connectWithoutReading(server.url);
  const client = await opened.promise;
  const settings = { ...sessionView().settings, instructions: "x".repeat(1024 * 1024) };

  while (!session.signal.aborted) {
    client.sessionUpdated({ ...sessionView(), settings });
    await new Promise((resolve) => setTimeout(resolve));
  }
  silent.close();
  await server.ended();

  deepEqual(session.calls, [[Symbol.asyncDispose]]);
});

Deno.test("while a flood of messages is served others have their turn, and its order stays", async () => {
  const count = 20_000;
  const session = new ScriptedSession();
  const opening = Promise.withResolvers<Session>();
  const socket = Object.assign(new EventTarget(), { readyState: 1, close() {} });
  const handshake = { ...PLAIN, subject: "anonymous" } as Handshake;
  const served = serveSession(socket as WebSocket, handshake, () => opening.promise);
  for (let i = 0; i < count; i++) {
    const audio = new Uint8Array([i % 256, i >> 8]).toBase64();
    const data = JSON.stringify({ type: "input_audio_buffer.append", audio });
    socket.dispatchEvent(new MessageEvent("message", { data }));
  }

  opening.resolve(session);
  let turns = 0;
  while (session.calls.length < count) {
    await setImmediate();
    turns++;
  }
  const order = session.calls.map(([, audio]) => audio as Uint8Array);
  socket.readyState = WebSocket.CLOSED;
  socket.dispatchEvent(new CloseEvent("close"));
  await served;

  ok(turns > 5, `${turns} turns`);
  ok(order.every(([low, high], i) => low! + 256 * high! === i));
});

Deno.test("a history longer than all that may wait for a client reaches one that reads, before what comes later", async () => {
  const items = Array.from({ length: 100 }, (_, i) => userItem(`item_${i}`, "x".repeat(100_000)));
  await using server = serveRealtime({
    open: (client) => {
      client.sessionCreated(sessionView(), items);
      client.cleared();
      return Promise.resolve(new ScriptedSession());
    },
  });
  const client = new TestClient(server.url);

  await Promise.race([client.event("input_audio_buffer.cleared"), client.closed]);
  await client.close();

  const frames = client.frames as { type: string; item?: { id: string } }[];
  deepEqual(
    frames.slice(2, -1).map(({ type, item }) => [type, item?.id]),
    items.flatMap(({ id }) => [["conversation.item.added", id], ["conversation.item.done", id]]),
  );
});

/** A socket whose client has left before it opened: Deno never tells it so. */
function unopenedSocket() {
  const closes: (number | undefined)[] = [];
  const socket = Object.assign(new EventTarget(), {
    readyState: WebSocket.CONNECTING as number,
    close: (code?: number) => void closes.push(code),
  });
  return { socket: socket as unknown as WebSocket, closes };
}

const ANYBODY = { ...PLAIN, subject: "anonymous" } as Handshake;

Deno.test("a socket that never opens is waited for no longer than 10 s, and no session is opened for it", async () => {
  using time = new FakeTime();
  const { socket } = unopenedSocket();
  let asked = 0;
  let over = false;
  const served = serveSession(socket, ANYBODY, () => {
    asked++;
    return Promise.resolve(new ScriptedSession());
  }).finally(() => over = true);

  await time.tickAsync(9999);
  const early = over;
  await time.tickAsync(1);
  await served;

  deepEqual([early, asked], [false, 0]);
});

Deno.test("a socket that opens after nobody waits for it any more is closed", async () => {
  using time = new FakeTime();
  const { socket, closes } = unopenedSocket();
  const served = serveSession(socket, ANYBODY, () => Promise.resolve(new ScriptedSession()));
  await time.tickAsync(10_000);
  await served;

  socket.dispatchEvent(new Event("open"));

  deepEqual(closes, [1011]);
});

Deno.test("a client that leaves before its socket opens is waited for no longer", async () => {
  using _time = new FakeTime();
  const { socket } = unopenedSocket();
  const left = new AbortController();
  let asked = 0;
  const served = serveSession(socket, ANYBODY, () => {
    asked++;
    return Promise.resolve(new ScriptedSession());
  }, left.signal);

  left.abort();
  await served;

  equal(asked, 0);
});

/** Upgrades a bare TCP connection, and reads no more of it than the answer to that. */
async function connectWithoutReading(url: string): Promise<{ close(): void } & Disposable> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(
    "GET /v1/realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  await connection.read(new Uint8Array(1024));
  let open = true;
  const close = () => {
    if (open) connection.close();
    open = false;
  };
  return { close, [Symbol.dispose]: close };
}

Deno.test("a request that is no upgrade, or may not connect, is answered over HTTP", async () => {
  await using server = serveRealtime({
    identify: oneKey("k", "me"),
  });
  const address = server.url.replace("ws", "http");

  const bare = await fetch(address, { headers: { authorization: "Bearer k" } });
  const wrong = await fetch(address, { headers: { authorization: "Bearer x" } });

  deepEqual([bare.status, wrong.status], [426, 401]);
  ok((await bare.json()).error.message);
  equal((await wrong.json()).error.code, "invalid_api_key");
});
