import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { withdraw } from "@/server/limits/allowance.ts";

const perMinute = 6;

/** Takes one unit at each of these times (ms), and tells which were allowed. */
function takeAt(...times: readonly number[]): boolean[] {
  let backAt: number | undefined;
  return times.map((now) => {
    const verdict = withdraw(backAt, { cost: 1, perMinute, now });
    backAt = verdict.backAt;
    return verdict.allowed;
  });
}

Deno.test("all of an allowance may be taken at once, and then one unit whenever one has grown back", () => {
  deepEqual(
    takeAt(0, 0, 0, 0, 0, 0, 0, 9999, 10_000, 10_000, 20_000),
    [true, true, true, true, true, true, false, false, true, false, true],
  );
});

Deno.test("after a quiet minute the allowance is whole, and never more than that", () => {
  const burst = Array(7).fill(600_000);

  deepEqual(takeAt(0, 0, ...burst).slice(2), [true, true, true, true, true, true, false]);
});

Deno.test("a verdict says what is left, when there is a unit again, and when all is back", () => {
  const first = withdraw(undefined, { cost: 1, perMinute, now: 1000 });
  const last = withdraw(first.backAt, { cost: 5, perMinute, now: 1000 });
  const refused = withdraw(last.backAt, { cost: 1, perMinute, now: 4000 });

  deepEqual([first.remaining, first.retryAfterMs, first.resetMs], [5, 0, 10_000]);
  deepEqual([last.remaining, last.retryAfterMs, last.resetMs], [0, 10_000, 60_000]);
  deepEqual([refused.allowed, refused.retryAfterMs, refused.resetMs], [false, 7000, 57_000]);
});

Deno.test("who has a unit left may take more, and waits until what is owed has grown back", () => {
  const long = withdraw(undefined, { cost: 12, perMinute, now: 0 });
  const soon = withdraw(long.backAt, { cost: 1, perMinute, now: 69_999 });
  const later = withdraw(long.backAt, { cost: 1, perMinute, now: 70_000 });

  deepEqual([long.allowed, soon.allowed, later.allowed], [true, false, true]);
});

Deno.test("what is refused costs nothing", () => {
  const empty = withdraw(undefined, { cost: 6, perMinute, now: 0 });
  const refused = withdraw(empty.backAt, { cost: 100, perMinute, now: 0 });

  equal(refused.allowed, false);
  equal(refused.backAt, empty.backAt);
});

Deno.test("in no minute, at whatever times they ask, do callers get more than twice their allowance", () => {
  for (let round = 0; round < 200; round++) {
    let now = 0;
    const times = Array.from({ length: 100 }, () => now += Math.random() * 4000);
    const granted = times.filter((_, i) => takeAt(...times)[i]);
    const inMinute = (from: number) =>
      granted.filter((at) => at >= from && at < from + 60_000).length;

    ok(granted.every((at) => inMinute(at) <= 2 * perMinute));
  }
});
