import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import WebSocket from "ws";
import { startServer, type TestServer } from "./server.ts";

interface RefusedUpgrade {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Connects as `ws` does, which shows how an upgrade was refused; resolves to the status, and what closes it. */
function connect(
  { realtime }: TestServer,
  key: string,
): Promise<{ status: number; retryAfter: string | undefined; close: () => Promise<void> }> {
  const socket = new WebSocket(realtime(), { headers: { authorization: `Bearer ${key}` } });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on(
      "unexpected-response",
      (_request: unknown, { statusCode, headers }: RefusedUpgrade) => {
        socket.removeAllListeners("error").on("error", () => {}); // of the closing below
        socket.terminate();
        resolve({
          status: statusCode ?? 0,
          retryAfter: headers["retry-after"],
          close: () => Promise.resolve(),
        });
      },
    );
    socket.on("message", () =>
      resolve({
        status: 101,
        retryAfter: undefined,
        close: () =>
          new Promise((closed) => {
            socket.on("close", () => closed());
            socket.close();
          }),
      }));
  });
}

Deno.test("a full server refuses the upgrade with 503, and takes the next caller once there is room", async () => {
  await using server = await startServer({ MAX_SESSIONS: "1", API_KEYS: "anna,bert" });
  const first = await connect(server, "anna");
  const second = await connect(server, "bert");
  await first.close();
  await server.untilHangUps(1);

  const third = await connect(server, "bert");
  await third.close();

  deepEqual([first.status, second.status, third.status], [101, 503, 101]);
  equal(second.retryAfter, "5");
});

Deno.test("who connects too often is refused with 429, by the key and not by the connection", async () => {
  await using server = await startServer({
    RATE_CONNECTIONS_PER_MINUTE: "2",
    API_KEYS: "anna,bert",
  });
  const calls = [await connect(server, "anna"), await connect(server, "anna")];
  const refused = await connect(server, "anna");

  const other = await connect(server, "bert");

  for (const call of [...calls, other]) await call.close();
  deepEqual([...calls, refused, other].map(({ status }) => status), [101, 101, 429, 101]);
  match(refused.retryAfter ?? "", /^(29|30)$/);
});
