import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createRateLimiter } from "@/server/limits/rate_limiter.ts";

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
