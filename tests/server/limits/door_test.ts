import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createAdmission } from "@/server/limits/admission.ts";
import { createCallerPlaces } from "@/server/limits/caller_places.ts";
import { createDoor } from "@/server/limits/door.ts";
import { createRateLimiter } from "@/server/limits/rate_limiter.ts";

/** What a door says to a refused caller. */
async function refusal(
  answer: AsyncDisposable | Response,
): Promise<[number, string, string | null]> {
  ok(answer instanceof Response);
  return [answer.status, (await answer.json()).error.code, answer.headers.get("retry-after")];
}

Deno.test("a full server answers 503, a greedy caller 429, both with when to come again", async () => {
  using kv = await Deno.openKv(":memory:");
  const places = (maxSessions: number, perCaller: number) =>
    createDoor({
      backlogMs: () => 0,
      admission: createAdmission({ max: maxSessions }),
      places: createCallerPlaces(kv, { perCaller }),
      connections: undefined,
    });

  const full = await places(0, 5).enter("anna");
  const greedy = await places(5, 0).enter("anna");

  deepEqual(await refusal(full), [503, "server_full", "5"]);
  deepEqual(await refusal(greedy), [429, "too_many_sessions", "5"]);
});

Deno.test("a server whose models are a second behind lets nobody new in until they have caught up", async () => {
  let behind = 1001;
  const door = createDoor({
    backlogMs: () => behind,
    admission: createAdmission({ max: 1 }),
    places: undefined,
    connections: undefined,
  });

  const busy = await door.enter("anna");
  behind = 1000;
  const caughtUp = await door.enter("anna");

  deepEqual(await refusal(busy), [503, "server_busy", "5"]);
  equal(caughtUp instanceof Response, false);
});

Deno.test("a caller who is refused takes no place from others, and one who leaves makes room at once", async () => {
  using kv = await Deno.openKv(":memory:");
  const door = createDoor({
    backlogMs: () => 0,
    admission: createAdmission({ max: 2 }),
    places: createCallerPlaces(kv, { perCaller: 1 }),
    connections: undefined,
  });
  const first = await door.enter("anna");
  const greedy = await door.enter("anna");
  ok(!(first instanceof Response));

  const second = await door.enter("bert");
  const leaving = first[Symbol.asyncDispose]();
  const third = await door.enter("carl");

  equal(greedy instanceof Response, true);
  for (const place of [second, third]) {
    ok(!(place instanceof Response));
    await place[Symbol.asyncDispose]();
  }
  await leaving;
});

Deno.test("who connects too often answers 429, with the seconds until there is a connection again", async () => {
  using kv = await Deno.openKv(":memory:");
  const door = createDoor({
    backlogMs: () => 0,
    admission: createAdmission({ max: 5 }),
    places: undefined,
    connections: createRateLimiter(kv, { kind: "connections", perMinute: 2, now: () => 0 }),
  });
  const places = [await door.enter("anna"), await door.enter("anna")];

  const third = await door.enter("anna");
  const other = await door.enter("bert");

  equal(places.some((place) => place instanceof Response), false);
  deepEqual(await refusal(third), [429, "rate_limit_exceeded", "30"]);
  equal(other instanceof Response, false);
});

Deno.test("where a caller may have any number of sessions nothing is written", async () => {
  using kv = await Deno.openKv(":memory:");
  const door = createDoor({
    backlogMs: () => 0,
    admission: createAdmission({ max: 5 }),
    places: undefined,
    connections: undefined,
  });

  await door.enter("anna");

  deepEqual(await Array.fromAsync(kv.list({ prefix: [] })), []);
});
