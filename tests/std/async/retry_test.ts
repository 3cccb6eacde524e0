import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { retry, RetryError } from "@std/async/retry";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";

Deno.test("retry gives the first success", async () => {
  using time = new FakeTime();
  let calls = 0;

  const result = retry(() => {
    if (++calls < 4) throw new Error("not yet");
    return calls;
  });
  await time.runAllAsync();

  equal(await result, 4);
});

Deno.test("retry waits twice as long after each failure, five attempts in all", async () => {
  using time = new FakeTime(0);
  const calls: number[] = [];

  const result = rejects(retry(() => fail(calls), { jitter: 0 }), RetryError);
  await time.runAllAsync();
  await result;

  deepEqual(calls, [0, 1_000, 3_000, 7_000, 15_000]);
});

Deno.test("retry keeps to its multiplier, its longest wait and its attempts", async () => {
  using time = new FakeTime(0);
  const calls: number[] = [];
  const options = { multiplier: 10, minTimeout: 5, maxTimeout: 100, maxAttempts: 4, jitter: 0 };

  const result = rejects(retry(() => fail(calls), options), RetryError);
  await time.runAllAsync();
  await result;

  deepEqual(calls, [0, 5, 55, 155]);
});

Deno.test("retry's jitter takes a random share off each wait", async () => {
  using time = new FakeTime(0);
  using _random = stub(Math, "random", () => 0.5);
  const calls: number[] = [];

  const result = rejects(retry(() => fail(calls), { maxAttempts: 2, jitter: 0.5 }), RetryError);
  await time.runAllAsync();
  await result;

  deepEqual(calls, [0, 750]);
});

Deno.test("retry's error holds what was thrown last", async () => {
  const cause = new Error("down");

  const result = retry(() => Promise.reject(cause), { maxAttempts: 1 });

  await rejects(result, (error) => {
    ok(error instanceof RetryError);
    equal(error.cause, cause);
    return true;
  });
});

Deno.test("retry refuses options that contradict each other", async () => {
  await rejects(retry(() => {}, { minTimeout: 1_000, maxTimeout: 100 }), TypeError);
  await rejects(retry(() => {}, { maxTimeout: -1 }), TypeError);
  await rejects(retry(() => {}, { jitter: 2 }), TypeError);
});

function fail(calls: number[]): never {
  calls.push(Date.now());
  throw new Error("down");
}
