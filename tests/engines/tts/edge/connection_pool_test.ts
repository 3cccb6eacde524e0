import { strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import type { EdgeConnection } from "@/engines/tts/edge/connection.ts";
import { createConnectionPool } from "@/engines/tts/edge/connection_pool.ts";

const never = new AbortController().signal;

/** A pool of connections to nowhere. */
function pool() {
  let made = 0;
  const connections = createConnectionPool(() => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    let open = true;
    made++;
    return Promise.resolve<EdgeConnection>({
      open: () => open,
      request: () => new ReadableStream(),
      close() {
        open = false;
        resolve();
      },
      closed,
    });
  });
  return { connections, made: () => made };
}

Deno.test("a connection that was given back serves the next", async () => {
  const { connections, made } = pool();
  const first = await connections.take(never);
  connections.giveBack(first);

  const second = await connections.take(never);

  equal(second, first);
  equal(made(), 1);
  await connections[Symbol.asyncDispose]();
});

Deno.test("a connection in use serves nobody else", async () => {
  const { connections, made } = pool();
  const first = await connections.take(never);

  const second = await connections.take(never);

  equal(second === first, false);
  equal(made(), 2);
  await connections[Symbol.asyncDispose]();
});

Deno.test("a connection is kept for 15 s and then closed", async () => {
  using time = new FakeTime();
  const { connections } = pool();
  const connection = await connections.take(never);
  connections.giveBack(connection);

  await time.tickAsync(14_999);
  equal(connection.open(), true);
  await time.tickAsync(1);

  equal(connection.open(), false);
});

Deno.test("disposing of the pool closes what is used and what is kept", async () => {
  const { connections } = pool();
  const [used, kept] = [await connections.take(never), await connections.take(never)];
  connections.giveBack(kept);

  await connections[Symbol.asyncDispose]();

  equal(used.open(), false);
  equal(kept.open(), false);
});
