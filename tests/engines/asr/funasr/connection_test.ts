import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { connect } from "@/engines/asr/funasr/connection.ts";
import type { EngineError } from "@/errors.ts";

/** A server that takes connections and nothing else. */
async function startDeafServer() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const sockets: { resume(): void; terminate(): void }[] = [];
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  server.on("connection", (socket: { pause(): void; resume(): void; terminate(): void }) => {
    socket.pause();
    sockets.push(socket);
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    listen: () => sockets.forEach((socket) => socket.resume()),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        sockets.forEach((socket) => socket.terminate());
        server.close(() => resolve());
      }),
  };
}

const ignore = { onMessage: () => {}, onFailure: () => {} };

/** More than the system keeps for a reader that does not read. */
const FLOOD = new Uint8Array(16_000_000);

Deno.test("send() waits for a server that does not read, and goes on when it does", async () => {
  await using server = await startDeafServer();
  const connection = connect(server.url, { ...ignore, patienceMs: 30_000 });
  let settled = false;

  const sent = connection.send(FLOOD).then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  equal(settled, false);
  server.listen();
  await sent;

  connection.close();
  await connection.closed;
});

Deno.test("a server that takes nothing any more is given up", async () => {
  await using server = await startDeafServer();
  const failures: EngineError[] = [];
  const connection = connect(server.url, {
    ...ignore,
    onFailure: (error) => failures.push(error),
    patienceMs: 100,
  });

  await rejects(connection.send(FLOOD), { name: "EngineError", failure: "timeout" });

  deepEqual(failures.map(({ failure }) => failure), ["timeout"]);
});

Deno.test("a server that does not take the connection is given up", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `ws://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;

  const connection = connect(url, { ...ignore, patienceMs: 50 });
  using accepted = await listener.accept();

  await rejects(connection.send("hello"), { name: "EngineError", failure: "timeout" });
  await connection.closed;
  await readToEnd(accepted);
});

Deno.test("close() ends a connection that is not open yet, and nobody is told of a failure", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `ws://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const failures: unknown[] = [];
  const connection = connect(url, {
    ...ignore,
    onFailure: (error) => failures.push(error),
    patienceMs: 30_000,
  });
  using accepted = await listener.accept();
  const sent = connection.send("hello");

  connection.close();

  await rejects(sent, { name: "AbortError" });
  await connection.closed;
  await readToEnd(accepted);
  deepEqual(failures, []);
});

Deno.test("an error names the server's host, and no password in its address", async () => {
  const connection = connect("ws://user:secret@127.0.0.1:9/", { ...ignore, patienceMs: 1000 });

  await rejects(
    connection.send("hello"),
    ({ message }: Error) => message.includes("127.0.0.1:9") && !message.includes("secret"),
  );
  await connection.closed;
});

async function readToEnd(connection: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(1000);
  while (await connection.read(bytes) !== null);
}
