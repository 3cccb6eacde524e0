import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async";
import type { WireEvent } from "./event_log.ts";
import { DENOKV, startDenokv } from "./denokv.ts";
import { startServer } from "./server.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

function ofType(type: string) {
  return (event: WireEvent) => event.type === type;
}

/** Has the server count aloud, and waits until it is heard. */
async function count(client: VoiceClient, how: string): Promise<void> {
  client.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text: how }] },
  });
  client.send({ type: "response.create" });
  await client.next(ofType("response.output_audio.delta"));
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.status;
}

Deno.test("a server told to stop lets the running reply end, takes nobody new, and says how to come back", async () => {
  const folder = await Deno.makeTempDir();
  const env = { KV_PATH: `${folder}/chatai.kv` };
  const server = await startServer(env);
  const speaking = await connect({ url: server.realtime() });
  const silent = await connect({ url: server.realtime() });
  const { session } = speaking.received[0]!.event;
  await count(speaking, "Count from one to twelve.");

  const stopped = server.stop();
  const idle = await silent.closed;
  const refusals = [
    await statusOf(`${server.url}/ready`),
    await statusOf(server.realtime().replace("ws", "http")),
    await statusOf(`${server.url}/health`),
  ];
  const open = speaking.socket.readyState === WebSocket.OPEN;
  const done = await speaking.next(ofType("response.done"));
  const closed = await speaking.closed;
  const code = await stopped;
  for (const client of [speaking, silent]) await client[Symbol.asyncDispose]();
  await using next = await startServer(env);
  await using again = await connect({ url: next.realtime({ session: session.id }), session: null });
  await again.next(({ type, item }) =>
    type === "conversation.item.done" && item.role === "assistant"
  );

  const [reply] = again.received.map(({ event }) => event)
    .filter(({ type, item }) => type === "conversation.item.done" && item.role === "assistant");
  deepEqual([idle.code, closed.code, code], [1001, 1001, 0]);
  match(closed.reason, /\?session=/);
  deepEqual(refusals, [503, 503, 200]);
  ok(open);
  equal(done.response.status, "completed");
  equal(reply!.item.content[0].transcript, done.response.output[0].content[0].transcript);
  match(reply!.item.content[0].transcript, /twelve/i);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a server told twice to stop exits at once", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.realtime() });
  await using silent = await connect({ url: server.realtime() });
  await count(client, "Count from one to thirty.");

  const stopped = server.stop();
  await silent.closed; // it is stopping
  await delay(1000); // what comes sooner is the first signal once more
  const code = await server.stop();

  equal(code, 130);
  equal(await stopped, 130);
  equal(client.received.some(({ event }) => event.type === "response.done"), false);
});

Deno.test("a server told to stop several times at once lets the running reply end all the same", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.realtime() });
  await count(client, "Count from one to five.");

  const stopped = server.stop();
  Deno.kill(server.pid, "SIGINT"); // not SIGTERM again: the two could come as one
  const done = await client.next(ofType("response.done"));

  deepEqual([done.response.status, await stopped], ["completed", 0]);
});

Deno.test("a client that does not read its answer keeps no server from ending well", async () => {
  await using server = await startServer();
  const { hostname, port } = new URL(server.url);
  const text = JSON.stringify({
    model: "any",
    voice: "any",
    input: "No end. ".repeat(500),
    response_format: "wav",
  });
  using stalled = await Deno.connect({ hostname, port: Number(port) });
  await stalled.write(
    new TextEncoder().encode(
      `POST /v1/audio/speech HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
        `content-length: ${text.length}\r\n\r\n${text}`,
    ),
  );
  await stalled.read(new Uint8Array(200));

  const code = await server.stop();

  equal(code, 0);
  match(server.log(), /Answers that nobody reads to their end are cut off/);
});

Deno.test({
  name: `a server whose store does not answer ends well all the same, and says so${
    DENOKV === undefined ? " (skipped: no denokv)" : ""
  }`,
  ignore: DENOKV === undefined,
  async fn() {
    const store = await startDenokv(DENOKV!);
    await using server = await startServer({ ...store.env });
    await using _client = await connect({ url: server.realtime() });
    await store[Symbol.asyncDispose]();

    const code = await server.stop();

    equal(code, 0, server.log());
    match(server.log(), /Not all has ended in 15 s/);
  },
});

Deno.test("a server told to stop before it is ready exits at once, and well", async () => {
  const args = ["run", "--no-prompt", "--allow-all", "main.ts"];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1", PORT: "0", KV_PATH: ":memory:", LOG_LEVEL: "debug" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const process = new Deno.Command("sh", {
    args: [
      "-c",
      "until grep -q SigCgt /proc/$1/status && " +
      '[ $((0x$(sed -n "s/SigCgt:\\s*//p" /proc/$1/status) & 0x4000)) -ne 0 ]; do sleep 0.02; done',
      "sh",
      String(child.pid),
    ],
  });
  await process.output(); // it heeds SIGTERM

  child.kill("SIGTERM");
  const { code, stdout } = await child.output();

  deepEqual([code, new TextDecoder().decode(stdout)], [0, ""]);
});
