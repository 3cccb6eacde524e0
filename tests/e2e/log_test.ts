import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import WebSocket from "ws";
import { startServer } from "./server.ts";

Deno.test("the lines of a conversation name its request and its session, from its opening to its end", async () => {
  await using server = await startServer({
    LOG_FORMAT: "json",
    LOG_LEVEL: "info,chatai.server=debug",
  });
  const socket = new WebSocket(server.realtime(), { headers: { "x-request-id": "call-7" } });
  let answered = "";
  socket.on("upgrade", ({ headers }: { headers: Record<string, string> }) => {
    answered = headers["x-request-id"] ?? "";
  });
  const created = await new Promise<string>((resolve) =>
    socket.on("message", (data: { toString(): string }) => resolve(data.toString()))
  );
  const { session } = JSON.parse(created);

  socket.close();
  await server.untilHangUps(1);

  const lines = server.log().split("\n").filter((line) => line.startsWith('{"@timestamp"'))
    .map((line) => JSON.parse(line))
    .filter(({ properties }) => properties.requestId === "call-7");
  const ofSession = lines.filter(({ logger }) => logger === "chatai.session");
  equal(answered, "call-7");
  ok(lines.some(({ logger }) => logger === "chatai.server"));
  ok(ofSession.length >= 2);
  deepEqual(ofSession.filter(({ properties }) => properties.sessionId !== session.id), []);
});

Deno.test("the last line of a session that the server ends names its request too", async () => {
  await using server = await startServer({ LOG_FORMAT: "json" });
  const socket = new WebSocket(server.realtime(), { headers: { "x-request-id": "call-8" } });
  await new Promise<void>((resolve) => socket.once("message", () => resolve()));

  await server.stop();

  const ends = server.log().split("\n").filter((line) => /Session ended: /.test(line))
    .map((line) => JSON.parse(line).properties);
  deepEqual(ends.map(({ requestId, reason }) => [requestId, reason]), [["call-8", "shutdown"]]);
});
