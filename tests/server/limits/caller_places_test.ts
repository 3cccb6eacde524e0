import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { FakeTime } from "@std/testing/time";
import { type CallerPlaces, createCallerPlaces } from "@/server/limits/caller_places.ts";

type Place = AsyncDisposable | undefined;

/** Ends the session of each place that there is. */
async function giveBack(...places: readonly Place[]): Promise<void> {
  for (const place of places) await place?.[Symbol.asyncDispose]();
}

/** Which of the callers were given a place. */
function given(places: readonly Place[]): boolean[] {
  return places.map((place) => place !== undefined);
}

/** Two instances that share a store. */
function twoInstances(kv: Deno.Kv, perCaller: number): readonly [CallerPlaces, CallerPlaces] {
  return [createCallerPlaces(kv, { perCaller }), createCallerPlaces(kv, { perCaller })];
}

Deno.test("two instances that share a store give out a caller's places together, exactly, however many ask at once", async () => {
  using kv = await Deno.openKv(":memory:");
  const instances = twoInstances(kv, 20);

  const places = await Promise.all(
    Array.from({ length: 50 }, (_, i) => instances[i % 2]!.take("anna")),
  );

  equal(places.filter((place) => place !== undefined).length, 20);
  await giveBack(...places);
});

Deno.test("a place that is given back in one instance is free in the other, once, and callers are counted apart", async () => {
  using kv = await Deno.openKv(":memory:");
  const [here, there] = twoInstances(kv, 1);
  const first = await here.take("anna");

  const before = [await there.take("anna"), await there.take("bert")];
  await giveBack(first, first);
  const after = [await there.take("anna"), await here.take("anna")];

  deepEqual([given(before), given(after)], [[false, true], [true, false]]);
  await giveBack(...before, ...after);
});

Deno.test("of callers whose sessions have ended the store keeps nothing", async () => {
  using kv = await Deno.openKv(":memory:");
  const places = createCallerPlaces(kv, { perCaller: 3 });
  const taken = [await places.take("anna"), await places.take("anna"), await places.take("bert")];

  await giveBack(...taken);

  deepEqual(await Array.fromAsync(kv.list({ prefix: [] })), []);
});

Deno.test("the entry of a caller grows with the instances, not with the sessions", async () => {
  using kv = await Deno.openKv(":memory:");
  const instances = twoInstances(kv, 1000);
  const one = await Promise.all(instances.map((instance) => instance.take("anna")));
  const [few] = await Array.fromAsync(kv.list<unknown[]>({ prefix: [] }));

  const more = await Promise.all(
    Array.from({ length: 200 }, (_, i) => instances[i % 2]!.take("anna")),
  );
  const [many] = await Array.fromAsync(kv.list<unknown[]>({ prefix: [] }));

  deepEqual([few!.value.length, many!.value.length], [2, 2]);
  await giveBack(...one, ...more);
});

Deno.test("a place is held for as long as its instance lives", async () => {
  using time = new FakeTime();
  using kv = await Deno.openKv(":memory:");
  const [here, there] = twoInstances(kv, 1);
  const place = await here.take("anna");

  for (let seconds = 0; seconds < 300; seconds += 10) {
    time.tick(10_000);
    await here.take("anna"); // comes after what the instance wrote by itself
  }
  const second = await there.take("anna");

  deepEqual(given([place, second]), [true, false]);
  await giveBack(place);
});

Deno.test("the places of an instance that died are free after 30 s, and not before", async () => {
  using time = new FakeTime();
  const folder = await Deno.makeTempDir();
  const path = join(folder, "shared.kv");
  const dying = await Deno.openKv(path);
  using kv = await Deno.openKv(path);
  const lost = await createCallerPlaces(dying, { perCaller: 1 }).take("anna");
  dying.close();
  const places = createCallerPlaces(kv, { perCaller: 1 });

  time.tick(29_999);
  const before = await places.take("anna");
  time.tick(1);
  const after = await places.take("anna");

  deepEqual(given([before, after]), [false, true]);
  await giveBack(after, lost);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what was written in vain is made good by the next write", async () => {
  using kv = await Deno.openKv(":memory:");
  const [here, there] = twoInstances(kv, 2);
  const first = await here.take("anna");
  const [{ key }] = await Array.fromAsync(kv.list({ prefix: [] })) as [Deno.KvEntry<unknown>];
  await kv.delete(key);

  const second = await here.take("anna");
  const third = await there.take("anna");

  deepEqual(given([second, third]), [true, false]);
  await giveBack(first, second);
});

Deno.test("a store that fails lets callers through, but for those who have all places here", async () => {
  const kv = await Deno.openKv(":memory:");
  const places = createCallerPlaces(kv, { perCaller: 2 });
  kv.close();

  const taken = [
    await places.take("anna"),
    await places.take("anna"),
    await places.take("anna"),
    await places.take("bert"),
  ];

  deepEqual(given(taken), [true, true, false, true]);
  await giveBack(...taken);
});
