import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { FakeTime, TimeError } from "@std/testing/time";

Deno.test("FakeTime calls a timeout when it is due and no sooner", () => {
  using time = new FakeTime();
  let calls = 0;
  setTimeout(() => calls++, 1_000);

  time.tick(999);
  equal(calls, 0);
  time.tick(1);
  equal(calls, 1);
  time.tick(5_000);
  equal(calls, 1);
});

Deno.test("FakeTime calls an interval until it is cleared", () => {
  using time = new FakeTime();
  let calls = 0;
  const id = setInterval(() => calls++, 100);

  time.tick(350);
  clearInterval(id);
  time.tick(1_000);

  equal(calls, 3);
});

Deno.test("FakeTime passes arguments on and shows each callback its own time", () => {
  using time = new FakeTime(1_000);
  const calls: unknown[] = [];
  setTimeout((...args: unknown[]) => calls.push([Date.now(), ...args]), 30, "late", 1);
  setTimeout((...args: unknown[]) => calls.push([Date.now(), ...args]), 10, "early", 2);

  time.tick(100);

  deepEqual(calls, [[1_010, "early", 2], [1_030, "late", 1]]);
  equal(time.now, 1_100);
  equal(time.start, 1_000);
});

Deno.test("FakeTime calls timers due at one time in the order in which they were set", () => {
  using time = new FakeTime();
  const calls: string[] = [];
  setInterval(() => calls.push("interval"), 10);
  setTimeout(() => calls.push("timeout"), 20);
  setTimeout(() => setTimeout(() => calls.push("nested")), 20);

  time.tick(20);

  deepEqual(calls, ["interval", "timeout", "interval", "nested"]);
});

Deno.test("FakeTime never calls a timer that was cleared by one due at the same time", () => {
  using time = new FakeTime();
  let called = false;
  setTimeout(() => clearTimeout(id), 10);
  const id = setTimeout(() => called = true, 10);

  time.tick(10);

  equal(called, false);
});

Deno.test("FakeTime stands still where a callback throws", () => {
  using time = new FakeTime(0);
  let later = false;
  setTimeout(() => {
    throw new Error("boom");
  }, 10);
  setTimeout(() => later = true, 20);

  throws(() => time.tick(50), /boom/);

  equal(time.now, 10);
  equal(later, false);
});

Deno.test("FakeTime makes dates of its own time, and of any other", () => {
  using time = new FakeTime("2020-02-02T00:00:00Z");

  time.tick(1_000);

  equal(new Date().toISOString(), "2020-02-02T00:00:01.000Z");
  equal(new Date(5).valueOf(), 5);
  equal(Date.UTC(1970, 0, 1), 0);
  equal(typeof Date(), "string");
  ok(new Date() instanceof Date);
});

Deno.test("FakeTime drives delay", async () => {
  using time = new FakeTime();
  let over = false;
  const waiting = delay(60_000).then(() => over = true);

  await time.tickAsync(59_999);
  await time.runMicrotasks();
  equal(over, false);
  await time.tickAsync(1);
  await waiting;

  equal(over, true);
});

Deno.test("FakeTime drives deadline", async () => {
  using time = new FakeTime();
  const waiting = deadline(new Promise(() => {}), 60_000);

  time.tick(60_000);

  await rejects(waiting, { name: "TimeoutError" });
});

Deno.test("FakeTime steps from timer to timer", async () => {
  using time = new FakeTime(0);
  const calls: number[] = [];
  setTimeout(() => calls.push(time.now), 5);
  setTimeout(() => delay(7).then(() => calls.push(time.now)), 5);

  ok(time.next());
  deepEqual(calls, [5]);
  ok(await time.nextAsync());
  await time.runMicrotasks();
  deepEqual(calls, [5, 12]);
  equal(time.next(), false);
});

Deno.test("FakeTime runs all timers, those that timers set too", async () => {
  using time = new FakeTime(0);
  const calls: number[] = [];
  setTimeout(() => setTimeout(() => calls.push(time.now), 10), 10);
  time.runAll();
  delay(5).then(() => delay(5)).then(() => calls.push(time.now));
  await time.runAllAsync();

  await time.runMicrotasks();

  deepEqual(calls, [20, 30]);
});

Deno.test("FakeTime leaves performance.now and its own delay to real time", async () => {
  using time = new FakeTime(0);
  const start = performance.now();

  await time.delay(5);

  ok(performance.now() - start >= 4);
  equal(time.now, 0);
});

Deno.test("FakeTime's own delay ends with its signal", async () => {
  using time = new FakeTime();
  const controller = new AbortController();

  const waiting = time.delay(60_000, { signal: controller.signal });
  controller.abort();

  await rejects(waiting, { name: "AbortError" });
  await rejects(time.delay(60_000, { signal: AbortSignal.abort() }), { name: "AbortError" });
});

Deno.test("FakeTime gives real time back for a while", async () => {
  const realSetTimeout = setTimeout;
  using _time = new FakeTime(0);

  const inside = await FakeTime.restoreFor((add: number) => Date.now() + add, 1);
  const waited = await FakeTime.restoreFor(async () => {
    await delay(1);
    return setTimeout === realSetTimeout;
  });

  ok(inside > 1e12);
  equal(waited, true);
  equal(Date.now(), 0);
  await rejects(FakeTime.restoreFor(() => Promise.reject(new Error("boom"))), /boom/);
  equal(Date.now(), 0);
});

Deno.test("FakeTime gives all globals back at its end", async () => {
  const before = [Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout];

  const time = new FakeTime();
  time.restore();

  const after = [Date, setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal.timeout];
  deepEqual(after, before);
  throws(() => time.restore(), TimeError);
  throws(() => FakeTime.restore(), TimeError);
  await rejects(FakeTime.restoreFor(() => {}), TimeError);
});

Deno.test("FakeTime refuses to fake twice, to start at no time and to go back", () => {
  throws(() => new FakeTime("yesterday"), TypeError);
  using time = new FakeTime(10);

  throws(() => new FakeTime(), TimeError);
  throws(() => time.now = 9, RangeError);
});

Deno.test("a second FakeTime knows nothing of the first one's timers", () => {
  let called = false;
  {
    using _first = new FakeTime();
    setTimeout(() => called = true, 1);
  }
  using second = new FakeTime();

  second.tick(1_000);

  equal(called, false);
});
