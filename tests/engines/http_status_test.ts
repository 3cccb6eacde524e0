import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { failureOfStatus, readRetryAfter } from "@/engines/http_status.ts";

Deno.test("a status tells whose fault a refusal is", () => {
  const statuses = [400, 401, 402, 403, 404, 408, 422, 429, 500, 502, 503, 504];

  deepEqual(statuses.map(failureOfStatus), [
    "rejected",
    "denied",
    "denied",
    "denied",
    "rejected",
    "timeout",
    "rejected",
    "overloaded",
    "unavailable",
    "unavailable",
    "overloaded",
    "timeout",
  ]);
});

Deno.test("Retry-After is read as seconds and as a date, and nothing else is", () => {
  using _time = new FakeTime(Date.UTC(2026, 0, 1));

  equal(readRetryAfter("7"), 7000);
  equal(readRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT"), 30_000);
  for (const value of [null, undefined, "", "soon", "Wed, 31 Dec 2025 00:00:00 GMT"]) {
    equal(readRetryAfter(value), undefined);
  }
});
