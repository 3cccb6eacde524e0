import { match, ok, strictEqual as equal } from "node:assert/strict";
import WsWebSocket from "ws";
import { createScripted } from "@/engines/llm/scripted.ts";
import { createEventLog, type WireEvent } from "../e2e/event_log.ts";
import { ofType } from "../e2e/turns.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { inTones } from "./tone_speech.ts";
import { oneKey } from "../fakes/one_key.ts";

const { reply } = createScripted();
const BROWSER = ["realtime", "openai-insecure-api-key.KEY"];
const SERVERSIDE = { headers: { Authorization: "Bearer KEY" } };

/** A socket of the package `ws`, as far as it is one of the standard. */
function standard(socket: WsWebSocket): WebSocket {
  return socket as unknown as WebSocket;
}

/** A conversation over a bare socket. Disposing it holds all that came against the protocol. */
function talkOver(socket: WebSocket) {
  const log = createEventLog();
  const closed = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => log.add(JSON.parse(data)));
  socket.addEventListener("close", () => {
    log.end();
    closed.resolve();
  });
  return {
    next: log.next,
    received: log.received,
    send: (event: Record<string, unknown>) => socket.send(JSON.stringify(event)),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
      checkEvents(log.received.map(({ event }) => event));
    },
  };
}

/** Each way to make a socket. */
const SOCKETS: Readonly<Record<string, (url: string) => WebSocket>> = {
  "ws with subprotocols": (url) => standard(new WsWebSocket(url, BROWSER)),
  "ws with headers": (url) => standard(new WsWebSocket(url, SERVERSIDE)),
  "ws that offers compression": (url) =>
    standard(new WsWebSocket(url, { ...SERVERSIDE, perMessageDeflate: true })),
  "Deno's WebSocket with subprotocols": (url) => new WebSocket(url, BROWSER),
  // the types of Node, which clients bring along, know no options of the global WebSocket
  "Deno's WebSocket with headers": (url) => new WebSocket(url, SERVERSIDE as unknown as string[]),
};

for (const [name, open] of Object.entries(SOCKETS)) {
  Deno.test(`${name} speaks and is answered`, async () => {
    await using server = await startFastServer({
      reply,
      identify: oneKey("KEY", "owner"),
    });
    await using talk = talkOver(open(server.url));
    await talk.next(ofType("session.created"));

    const audio = inTones("How much is 11 plus 12?").toBase64();
    talk.send({ type: "input_audio_buffer.append", audio });
    const { response } = await talk.next(ofType("response.done"));

    const [{ content: [{ transcript }] }] = response.output;
    match(transcript, /23/);
    ok(talk.received.some(({ event }) => event.type === "response.output_audio.delta"));
  });
}

Deno.test("ws gets a pong for its ping, and what was said before it is answered too", async () => {
  await using server = await startFastServer({ reply });
  const socket = new WsWebSocket(server.url, SERVERSIDE);
  await using talk = talkOver(standard(socket));
  await talk.next(ofType("session.created"));
  const pong = new Promise<string>((resolve) => socket.on("pong", (data) => resolve(String(data))));

  talk.send({ type: "input_audio_buffer.clear" });
  socket.ping("still there?");

  equal(await pong, "still there?");
  await talk.next(ofType("input_audio_buffer.cleared"));
});

Deno.test("ws sends 15 MiB of base64 in one frame, and a binary frame, and is served on", async () => {
  await using server = await startFastServer({ reply });
  const socket = new WsWebSocket(server.url, SERVERSIDE);
  await using talk = talkOver(standard(socket));
  await talk.next(ofType("session.created"));

  const silence = new Uint8Array(15 * 1024 * 1024 * 3 / 4).toBase64();
  talk.send({ type: "input_audio_buffer.append", audio: silence });
  socket.send(new Uint8Array(3));
  talk.send({ type: "session.update", session: { type: "realtime", instructions: "Go on." } });

  const { error }: WireEvent = await talk.next(ofType("error"));
  const { session } = await talk.next(ofType("session.updated"));
  equal(error.code, "invalid_event");
  equal(session.instructions, "Go on.");
});
