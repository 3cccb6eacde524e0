import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import { createAuthorise, createIdentify } from "@/server/auth.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";

const authorise = createAuthorise({ auth: "keys", apiKeys: ["first-key", "second-key"] });

Deno.test("without authentication everybody is anonymous, key or not", () => {
  const open = createAuthorise({ auth: "none", apiKeys: [] });

  equal(open(undefined), "anonymous");
  equal(open("whatever"), "anonymous");
});

Deno.test("each key has a subject of its own, the same every time, that does not tell the key", () => {
  const first = authorise("first-key");

  equal(first, authorise("first-key"));
  notEqual(first, authorise("second-key"));
  equal(first?.includes("first"), false);
});

for (const key of [undefined, "", "first-ke", "first-key ", "FIRST-KEY", "first-key,second-key"]) {
  Deno.test(`the key ${JSON.stringify(key)} is refused`, () => {
    equal(authorise(key), undefined);
  });
}

Deno.test("who connects is told by a key, or by a client secret with its settings", async () => {
  using kv = await Deno.openKv(":memory:");
  const secrets = createClientSecrets(kv);
  const identify = createIdentify({ authorise, secrets });
  const session = { type: "realtime", instructions: "Be brief." } as const;
  const { value } = await secrets.create({ subject: "maker", session }, { seconds: 60 });

  deepEqual(await identify("first-key"), { subject: authorise("first-key")! });
  const caller = await identify(value);
  equal(caller?.subject, "maker");
  deepEqual(caller?.session, session);
  equal(await identify("wrong"), undefined);
  equal(await identify(undefined), undefined);
  equal(await identify("ek_unknown"), undefined);
});

Deno.test("where everybody may connect, client secrets bring their settings all the same", async () => {
  using kv = await Deno.openKv(":memory:");
  const secrets = createClientSecrets(kv);
  const open = createAuthorise({ auth: "none", apiKeys: [] });
  const identify = createIdentify({ authorise: open, secrets });
  const session = { type: "realtime", instructions: "Be brief." } as const;
  const { value } = await secrets.create({ subject: "anonymous", session }, { seconds: 60 });

  deepEqual(await identify(undefined), { subject: "anonymous" });
  deepEqual((await identify(value))?.session, session);
  equal(await identify("ek_unknown"), undefined);
});
