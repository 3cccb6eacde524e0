import { rejects, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async/deadline";
import { FakeTime } from "@std/testing/time";

Deno.test("deadline gives what the promise gives in time", async () => {
  using _time = new FakeTime();

  equal(await deadline(Promise.resolve("hello"), 1_000), "hello");
  await rejects(deadline(Promise.reject(new Error("boom")), 1_000), /boom/);
});

Deno.test("deadline rejects when the time is over", async () => {
  using time = new FakeTime();

  const waiting = deadline(new Promise(() => {}), 1_000);
  time.tick(1_000);

  await rejects(waiting, { name: "TimeoutError" });
});

Deno.test("deadline rejects with the signal's reason when that comes first", async () => {
  using _time = new FakeTime();
  const controller = new AbortController();
  const reason = new Error("enough");

  const waiting = deadline(new Promise(() => {}), 1_000, { signal: controller.signal });
  controller.abort(reason);

  await rejects(waiting, (error) => error === reason);
});

Deno.test("deadline may be never", async () => {
  const result = await deadline(Promise.resolve(1), Infinity);

  equal(result, 1);
});
