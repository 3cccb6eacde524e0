import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { startNginx, testNginx } from "./nginx.ts";
import { makeKvFile, startPair } from "./pair.ts";
import { upgrade } from "./upgrade.ts";

testNginx(
  "callers without keys are limited each by its address, over both instances, whatever address they claim",
  async () => {
    const open = { AUTH: "none", TRUSTED_PROXIES: "127.0.0.1", RATE_CONNECTIONS_PER_MINUTE: "1" };
    await using pair = await startPair(await makeKvFile(), open);
    await using nginx = await startNginx(...pair.servers);
    const from = (localAddress: string, headers: Record<string, string> = {}) =>
      upgrade(nginx, { ca: nginx.cert, localAddress, headers });

    const answers = [
      await from("127.0.0.2"),
      await from("127.0.0.2"),
      await from("127.0.0.2", { "x-forwarded-for": "192.0.2.1" }),
      await from("127.0.0.3", { "x-forwarded-for": "127.0.0.2" }),
    ];

    for (const { close } of answers) await close();
    deepEqual(answers.map(({ status }) => status), [101, 429, 429, 101]);
  },
);

testNginx(
  "who comes to a full instance gets to the other one, and is told when to come again once both are full",
  async () => {
    const key = "key";
    await using pair = await startPair(await makeKvFile(), { API_KEYS: key, MAX_SESSIONS: "1" });
    await using nginx = await startNginx(...pair.servers);
    const first = await upgrade(pair.servers[0], { key });

    const answers = [first];
    for (let count = 0; count < 3; count++) {
      answers.push(await upgrade(nginx, { key, ca: nginx.cert }));
    }

    for (const { close } of answers) await close();
    deepEqual(answers.map(({ status }) => status), [101, 101, 503, 503]);
    equal(answers.at(-1)!.retryAfter, "5");
  },
);
