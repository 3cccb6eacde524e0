import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createRateLimiter, type RateLimiter } from "@/server/limits/rate_limiter.ts";

Deno.test("two instances that share a store count as one, exactly, however many ask at once", async () => {
  using kv = await Deno.openKv(":memory:");
  const instances = [1, 2].map(() =>
    createRateLimiter(kv, { kind: "turns", perMinute: 20, now: () => 0 })
  );

  const verdicts = await Promise.all(
    Array.from({ length: 50 }, (_, i) => instances[i % 2]!.take("anna")),
  );

  equal(verdicts.filter(({ allowed }) => allowed).length, 20);
});

Deno.test("callers and kinds are counted apart", async () => {
  using kv = await Deno.openKv(":memory:");
  const turns = createRateLimiter(kv, { kind: "turns", perMinute: 1, now: () => 0 });
  const connections = createRateLimiter(kv, { kind: "connections", perMinute: 1, now: () => 0 });
  await turns.take("anna");

  const verdicts = [
    await turns.take("anna"),
    await turns.take("bert"),
    await connections.take("anna"),
  ];

  deepEqual(verdicts.map(({ allowed }) => allowed), [false, true, true]);
});

Deno.test("a store that fails lets callers through", async () => {
  const kv = await Deno.openKv(":memory:");
  const limiter = createRateLimiter(kv, { kind: "turns", perMinute: 1 });
  kv.close();

  const verdicts = [await limiter.take("anna"), await limiter.take("anna")];

  deepEqual(verdicts.map(({ allowed }) => allowed), [true, true]);
});

Deno.test("what a caller has had already is taken whatever is left, and owed by all instances", async () => {
  using kv = await Deno.openKv(":memory:");
  let now = 0;
  const [here, there] = [1, 2].map(() =>
    createRateLimiter(kv, { kind: "speech", perMinute: 60, now: () => now })
  ) as [RateLimiter, RateLimiter];

  await Promise.all([here.charge("anna", 50), there.charge("anna", 50), here.charge("anna", 50)]);
  const asked = await there.ask("anna");
  now = 91_000;
  const later = [await here.ask("anna"), await here.take("anna"), await here.ask("anna")];

  deepEqual([asked.allowed, asked.retryAfterMs], [false, 91_000]);
  deepEqual(later.map(({ allowed }) => allowed), [true, true, false]);
});

Deno.test("who only asks writes nothing", async () => {
  using kv = await Deno.openKv(":memory:");
  const limiter = createRateLimiter(kv, { kind: "speech", perMinute: 60 });

  const { allowed } = await limiter.ask("anna");

  equal(allowed, true);
  deepEqual(await Array.fromAsync(kv.list({ prefix: [] })), []);
});
