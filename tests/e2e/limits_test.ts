import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async";
import { startServer, type TestServer } from "./server.ts";
import { upgrade } from "./upgrade.ts";

Deno.test("a full server refuses the upgrade with 503, and takes the next caller once there is room", async () => {
  await using server = await startServer({ MAX_SESSIONS: "1", API_KEYS: "anna,bert" });
  const first = await upgrade(server, { key: "anna" });
  const second = await upgrade(server, { key: "bert" });
  await first.close();
  await server.untilHangUps(1);

  const third = await upgrade(server, { key: "bert" });
  await third.close();

  deepEqual([first.status, second.status, third.status], [101, 503, 101]);
  equal(second.retryAfter, "5");
});

Deno.test("who connects too often is refused with 429, by the key and not by the connection", async () => {
  await using server = await startServer({
    RATE_CONNECTIONS_PER_MINUTE: "2",
    API_KEYS: "anna,bert",
  });
  const calls = [await upgrade(server, { key: "anna" }), await upgrade(server, { key: "anna" })];
  const refused = await upgrade(server, { key: "anna" });

  const other = await upgrade(server, { key: "bert" });

  for (const call of [...calls, other]) await call.close();
  deepEqual([...calls, refused, other].map(({ status }) => status), [101, 101, 429, 101]);
  match(refused.retryAfter ?? "", /^(29|30)$/);
});

/** Asks for an upgrade, and leaves before the answer. */
async function vanish({ url }: TestServer): Promise<void> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(
    "GET /v1/realtime?model=test HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
}

Deno.test("callers who leave before they are answered hold no places", async () => {
  await using server = await startServer({ MAX_SESSIONS: "4" });

  for (let i = 0; i < 40; i++) await vanish(server);

  const statuses = new Set<number>();
  const last = performance.now() + 5000; // no place is given back only because a time is over
  while (!statuses.has(101) && performance.now() < last) {
    const next = await upgrade(server, {});
    statuses.add(next.status);
    await next.close();
    await delay(50);
  }
  const begun = performance.now();
  const code = await server.stop();
  ok(statuses.has(101), [...statuses].join());
  equal(code, 0);
  ok(performance.now() - begun < 5000);
});
