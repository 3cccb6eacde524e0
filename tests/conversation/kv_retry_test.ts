import { rejects, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async/delay";
import { FakeTime } from "@std/testing/time";
import { retryLocked } from "@/conversation/kv_retry.ts";
import { storeErrors } from "@/telemetry/metrics.ts";

Deno.test("a locked store is tried again until it opens", async () => {
  using time = new FakeTime();
  let tries = 0;

  const result = retryLocked(() => {
    if (++tries < 4) return Promise.reject(new TypeError("database is locked"));
    return Promise.resolve("done");
  });
  await pass(time, 4);

  equal(await result, "done");
  equal(tries, 4);
});

Deno.test("a store that stays locked is given up after 25 tries a fraction of a second apart", async () => {
  using time = new FakeTime();
  let tries = 0;

  const result = retryLocked(() => {
    tries++;
    return Promise.reject(new TypeError("database is locked"));
  });
  const rejected = rejects(result, /database is locked/);
  await pass(time, 30);
  await rejected;

  equal(tries, 25);
});

Deno.test("a store that itself waits for seconds until it says that it is locked is not tried again", async () => {
  using time = new FakeTime();
  let tries = 0;

  const result = retryLocked(async () => {
    tries++;
    await delay(5000);
    throw new TypeError("database is locked");
  });
  const rejected = rejects(result, /database is locked/);
  await time.tickAsync(5000);
  await rejected;

  equal(tries, 1);
});

Deno.test("any other failure is passed on at once", async () => {
  let tries = 0;

  await rejects(
    retryLocked(() => {
      tries++;
      return Promise.reject(new TypeError("Value too large (max 65536 bytes)"));
    }),
    /too large/,
  );

  equal(tries, 1);
});

/** Lets so many of the longest waits go by. */
async function pass(time: FakeTime, waits: number): Promise<void> {
  for (let i = 0; i < waits; i++) await time.tickAsync(150);
}

Deno.test("a failure of the store is counted once, however often it was tried, and what came right is not", async () => {
  using time = new FakeTime();
  const counted = async () => (await storeErrors.get()).values[0]?.value ?? 0;
  const before = await counted();
  let tries = 0;

  const locked = retryLocked(() => Promise.reject(new TypeError("database is locked")));
  const right = retryLocked(() =>
    ++tries < 3 ? Promise.reject(new TypeError("database is locked")) : Promise.resolve("done")
  );
  const rejected = rejects(locked);
  await pass(time, 30);
  await rejected;

  equal(await right, "done");
  equal(await counted() - before, 1);
});
