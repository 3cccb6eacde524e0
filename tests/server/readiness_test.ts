import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createReadiness } from "@/server/readiness.ts";

Deno.test("a server is ready once its engines are loaded, until it drains", async () => {
  using kv = await Deno.openKv(":memory:");
  const readiness = createReadiness({ kv });

  deepEqual(await readiness.missing(), ["the engines are loading"]);
  readiness.enginesLoaded();
  deepEqual(await readiness.missing(), []);
  readiness.drain();
  deepEqual(await readiness.missing(), ["the server is shutting down"]);
});

Deno.test("a server without its store is not ready", async () => {
  const kv = await Deno.openKv(":memory:");
  const readiness = createReadiness({ kv });
  readiness.enginesLoaded();
  kv.close();

  deepEqual(await readiness.missing(), ["the session store does not answer"]);
});
