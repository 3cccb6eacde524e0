import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { startServer } from "./server.ts";
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
