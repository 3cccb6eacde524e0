import { deepStrictEqual as deepEqual, match, ok, rejects } from "node:assert/strict";
import { strictEqual as equal } from "node:assert/strict";
import { InvalidRequest } from "@/errors.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";

const caller = {
  subject: "somebody",
  session: { type: "realtime", instructions: "Be brief.", model: "m" },
} as const;

Deno.test("a client secret opens for its maker, with its settings, as often as wanted", async () => {
  using kv = await Deno.openKv(":memory:");
  const secrets = createClientSecrets(kv);

  const { value } = await secrets.create(caller, { seconds: 60 });

  match(value, /^ek_[\w-]{43}$/);
  for (const found of [await secrets.find(value), await secrets.find(value)]) {
    equal(found?.subject, "somebody");
    deepEqual(found?.session, caller.session);
  }
});

Deno.test("any instance accepts a client secret that another has made", async () => {
  const path = await Deno.makeTempFile();
  using kv = await Deno.openKv(path);
  using other = await Deno.openKv(path);

  const { value } = await createClientSecrets(kv).create(caller, { seconds: 60 });

  equal((await createClientSecrets(other).find(value))?.subject, "somebody");
  await Deno.remove(path);
});

Deno.test("a client secret ends when it says, though its entry may still be there", async () => {
  using kv = await Deno.openKv(":memory:");
  let now = 1_000_400;
  const secrets = createClientSecrets(kv, { now: () => now });

  const { value, expiresAt } = await secrets.create(caller, { seconds: 10 });

  equal(expiresAt, 1010);
  now = 1_009_999;
  ok(await secrets.find(value));
  now = 1_010_000;
  equal(await secrets.find(value), undefined);
  equal((await Array.fromAsync(kv.list({ prefix: ["client_secrets"] }))).length, 1);
});

Deno.test("the store holds no client secret in clear", async () => {
  using kv = await Deno.openKv(":memory:");
  const { value } = await createClientSecrets(kv).create(caller, { seconds: 60 });

  const entries = await Array.fromAsync(kv.list<Uint8Array>({ prefix: [] }));

  const text = entries.map(({ key, value }) => key.join() + new TextDecoder().decode(value)).join();
  ok(text.includes("somebody"));
  ok(!text.includes(value.slice(3)));
});

for (const value of ["ek_", "ek_unknown", ""]) {
  Deno.test(`the client secret "${value}" opens nothing`, async () => {
    using kv = await Deno.openKv(":memory:");
    const secrets = createClientSecrets(kv);
    await secrets.create(caller, { seconds: 60 });

    equal(await secrets.find(value), undefined);
  });
}

Deno.test("a client secret takes the longest instructions and tools, whole, and refuses what cannot be stored", async () => {
  using kv = await Deno.openKv(":memory:");
  const secrets = createClientSecrets(kv);
  const withInstructions = (length: number) => ({
    subject: "somebody",
    session: { type: "realtime", instructions: "x".repeat(length) } as const,
  });

  const tool = { type: "function", name: "f", description: "y".repeat(262_000) } as const;
  const longest = withInstructions(262_144);
  const session = { ...longest.session, tools: [tool] };

  const { value } = await secrets.create({ ...longest, session }, { seconds: 60 });

  const found = await secrets.find(value);
  equal(found?.session.instructions?.length, 262_144);
  equal(JSON.stringify(found?.session.tools).length, JSON.stringify([tool]).length);
  await rejects(
    secrets.create(withInstructions(800_000), { seconds: 60 }),
    (error) => error instanceof InvalidRequest && error.code === "session_too_large",
  );
});

Deno.test("a client secret whose entry is damaged opens nothing", async () => {
  using kv = await Deno.openKv(":memory:");
  const secrets = createClientSecrets(kv);
  const { value } = await secrets.create(caller, { seconds: 60 });
  const [entry] = await Array.fromAsync(kv.list({ prefix: [] }));

  await kv.set(entry!.key, new TextEncoder().encode("{}"));

  equal(await secrets.find(value), undefined);
});
