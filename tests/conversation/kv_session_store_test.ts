import {
  deepStrictEqual as deepEqual,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import type { Item } from "@/conversation/item.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import type { StoredSession } from "@/conversation/session_store.ts";
import { defaultSettings, type SessionSettings } from "@/conversation/settings.ts";
import { writtenItem } from "./written_item.ts";

const HOUR_MS = 3_600_000;

Deno.test("a session is resumed as it was left, its items in order of rank", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const created = await store.create(session("a"));
  for (const rank of [2, 1, 1.5, -1, 10]) {
    await created.put({ rank, item: writtenItem(`r${rank}`) });
  }
  await created.saveSettings(settings("Be kind."));
  await created.release();

  const resumed = await store.resume("a", "ada");

  deepEqual(resumed!.session, { ...session("a"), settings: settings("Be kind.") });
  deepEqual(resumed!.items.map(({ rank }) => rank), [-1, 1, 1.5, 2, 10]);
  deepEqual(resumed!.items[2]!.item, writtenItem("r1.5"));
  await resumed!.release();
});

Deno.test("an item is changed in its place, and removed", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));

  await record.put({ rank: 1, item: writtenItem("x", "before") });
  await record.put({ rank: 2, item: writtenItem("y") });
  await record.put({ rank: 1, item: writtenItem("x", "after") });
  await record.remove(2);

  deepEqual(await itemsOf(store), [writtenItem("x", "after")]);
});

Deno.test("an item longer than a value of KV comes back whole, in any script", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));
  const texts = ["a’".repeat(100_000), "你好，世界。".repeat(30_000), '👋\u0000"\\'.repeat(20_000)];

  for (const [rank, text] of texts.entries()) {
    await record.put({ rank, item: writtenItem(`long${rank}`, text) });
  }

  deepEqual(await itemsOf(store), texts.map((text, rank) => writtenItem(`long${rank}`, text)));
});

Deno.test("an item that became shorter leaves none of its parts behind", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const created = await store.create(session("a"));
  await created.put({ rank: 1, item: writtenItem("x", "a".repeat(200_000)) });
  await created.put({ rank: 2, item: writtenItem("y", "b".repeat(200_000)) });
  await created.release();
  const resumed = (await store.resume("a", "ada"))!;

  await resumed.put({ rank: 1, item: writtenItem("x", "short") });
  await resumed.remove(2);

  equal((await keysIn(kv)).filter((key) => key.includes("items")).length, 1);
  deepEqual(await itemsOf(store), [writtenItem("x", "short")]);
});

Deno.test("long settings are stored in parts, and shrink again", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const long = settings("persona ".repeat(30_000));
  const record = await store.create({ ...session("a"), settings: long });
  await record.release();

  const resumed = (await store.resume("a", "ada"))!;
  const before = resumed.session.settings;
  await resumed.saveSettings(settings("short"));
  await resumed.release();

  deepEqual(before, long);
  const again = (await store.resume("a", "ada"))!;
  deepEqual(again.session.settings, settings("short"));
  equal((await keysIn(kv)).some((key) => key.includes("settings")), false);
  await again.release();
});

Deno.test("the longest item that is taken fits into one commit, and a longer one is refused", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const long = settings("a".repeat(100_000));
  const record = await store.create({ ...session("a"), settings: long });
  const overhead = JSON.stringify(writtenItem("x", "")).length;

  await record.put({ rank: 1, item: writtenItem("x", "a".repeat(720_000 - overhead)) });
  await rejects(record.put({ rank: 2, item: writtenItem("x", "a".repeat(720_001 - overhead)) }), {
    name: "InvalidRequest",
    code: "item_too_large",
  });

  equal((await itemsOf(store)).length, 1);
});

Deno.test("a session that nobody knows, or that is somebody else's, is not resumed", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));

  equal(await store.resume("b", "ada"), undefined);
  equal(await store.resume("a", "bob"), undefined);
  equal(await store.delete("a", "bob"), false);
  equal(record.lost.aborted, false);
  await record.release();
});

Deno.test("a session is not created twice", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));

  await rejects(store.create(session("a")), /already/);

  await record.release();
});

Deno.test("a session is forgotten so many hours after its last use", async () => {
  using kv = await Deno.openKv(":memory:");
  let clock = 0;
  const store = createKvSessionStore(kv, { ttlHours: 2, now: () => clock });
  const created = await store.create(session("a"));
  clock = 1.5 * HOUR_MS;
  await created.put({ rank: 1, item: writtenItem("x") });
  clock = 1.6 * HOUR_MS;
  await created.release();

  clock = 3.5 * HOUR_MS;
  const inTime = await store.resume("a", "ada");
  await inTime!.release();
  clock = 5.5 * HOUR_MS;
  const tooLate = await store.resume("a", "ada");

  equal(inTime!.items.length, 1);
  equal(tooLate, undefined);
  equal(await store.delete("a", "ada"), false);
});

Deno.test("all of a session in use is written anew, lease too, before KV lets it expire", async () => {
  using kv = await Deno.openKv(":memory:");
  let clock = 0;
  const store = createKvSessionStore(kv, { ttlHours: 2, now: () => clock });
  const record = await store.create({ ...session("a"), settings: settings("a".repeat(70_000)) });
  for (let rank = 0; rank < 25; rank++) await record.put({ rank, item: writtenItem(`r${rank}`) });
  const before = await versionstampsIn(kv);

  clock = 1.1 * HOUR_MS;
  await record.put({ rank: 25, item: writtenItem("r25") });
  await record.put({ rank: 26, item: writtenItem("r26") });

  const after = await versionstampsIn(kv);
  for (const [key, stamp] of before) notEqual(after.get(key), stamp, key);
  equal(record.lost.aborted, false);
  equal((await itemsOf(store)).length, 27);
});

Deno.test("a second connection takes a session over: the first learns it and writes nothing more", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const first = await store.create(session("a"));
  await first.put({ rank: 1, item: writtenItem("x") });
  const { promise: told, resolve } = Promise.withResolvers<void>();
  first.lost.addEventListener("abort", () => resolve(), { once: true });

  const second = await store.resume("a", "ada");
  await told;

  await rejects(
    first.put({ rank: 1, item: writtenItem("x", "late") }),
    { name: "SessionLost", how: "taken_over" },
  );
  await rejects(first.remove(1), { name: "SessionLost" });
  await rejects(first.saveSettings(settings("late")), { name: "SessionLost" });
  await first.release();
  await second!.put({ rank: 2, item: writtenItem("y") });
  equal(second!.lost.aborted, false);
  deepEqual(await itemsOf(store), [writtenItem("x"), writtenItem("y")]);
});

Deno.test("where no watch tells of a takeover, the lease refuses the next write", async () => {
  using kv = await Deno.openKv(":memory:");
  let watches = 0;
  const deaf = withMembers(kv, {
    watch: () => new ReadableStream({ start: () => void watches++, cancel: () => void watches-- }),
  });
  const store = createKvSessionStore(deaf, { ttlHours: 1 });
  const first = await store.create(session("a"));
  const second = await createKvSessionStore(kv, { ttlHours: 1 }).resume("a", "ada");
  equal(first.lost.aborted, false);

  await rejects(first.put({ rank: 1, item: writtenItem("late") }), { name: "SessionLost" });

  equal(first.lost.aborted, true);
  equal(watches, 0);
  await second!.release();
  deepEqual(await itemsOf(store), []);
});

Deno.test("where no watch tells of a takeover, who polls learns it, and polls no more once it is over", async () => {
  using time = new FakeTime();
  using kv = await Deno.openKv(":memory:");
  let looks = 0;
  const deaf = withMembers(kv, {
    watch: () => new ReadableStream(),
    get: (key: Deno.KvKey) => {
      looks++;
      return kv.get(key);
    },
  });
  const store = createKvSessionStore(deaf, { ttlHours: 1, pollMs: 1000 });
  const first = await store.create(session("a"));
  const { promise: told, resolve } = Promise.withResolvers<void>();
  first.lost.addEventListener("abort", () => resolve(), { once: true });
  await time.tickAsync(1000);

  const second = await createKvSessionStore(kv, { ttlHours: 1 }).resume("a", "ada");
  const deafTill = first.lost.aborted;
  await time.tickAsync(1000);
  await told;
  const before = looks;
  await time.tickAsync(10_000);

  equal(deafTill, false);
  equal(looks, before);
  equal(first.lost.reason.how, "taken_over");
  await first.release();
  await second!.release();
});

Deno.test("of many that resume a session at once exactly one goes on", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  await (await store.create(session("a"))).release();

  const records = await Promise.all(
    Array.from({ length: 12 }, () => store.resume("a", "ada")),
  );
  const written = await Promise.allSettled(
    records.map((record, rank) => record!.put({ rank, item: writtenItem(`by${rank}`) })),
  );

  const winners = written.flatMap(({ status }, i) => status === "fulfilled" ? [i] : []);
  equal(winners.length, 1);
  equal(records.filter((record) => !record!.lost.aborted).length, 1);
  await Promise.all(records.map((record) => record!.release()));
  deepEqual(await itemsOf(store), [writtenItem(`by${winners[0]}`)]);
});

Deno.test("a session whose holder writes without pause is taken over all the same", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const first = await store.create(session("a"));
  async function writeOn(): Promise<void> {
    while (!first.lost.aborted) await first.put({ rank: 1, item: writtenItem("x") });
  }
  const writing = writeOn().catch(() => {});

  const second = await store.resume("a", "ada");
  await writing;

  equal(first.lost.aborted, true);
  await second!.release();
});

Deno.test("a released record writes nothing, and the session waits for whoever resumes it", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));
  const last = record.put({ rank: 1, item: writtenItem("x") });

  await Promise.all([record.release(), record.release()]);

  await last;
  await rejects(record.put({ rank: 2, item: writtenItem("y") }), /released/);
  equal(record.lost.aborted, false);
  equal((await keysIn(kv)).some((key) => key.includes("lease")), false);
  deepEqual(await itemsOf(store), [writtenItem("x")]);
});

Deno.test("the lease names the process that serves the session", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1, instance: "host-1" });
  const record = await store.create(session("a"));

  const { value } = await kv.get<{ instance: string }>(["sessions", "a", "lease"]);

  equal(value!.instance, "host-1");
  await record.release();
});

Deno.test("a deleted session is gone with all its items, and whoever serves it learns that", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));
  const other = await store.create(session("ab"));
  await Promise.all(
    Array.from({ length: 600 }, (_, rank) => record.put({ rank, item: writtenItem(`r${rank}`) })),
  );

  equal(await store.delete("a", "ada"), true);

  await rejects(
    record.put({ rank: 1, item: writtenItem("x") }),
    { name: "SessionLost", how: "deleted" },
  );
  equal(await store.delete("a", "ada"), false);
  equal(await store.resume("a", "ada"), undefined);
  deepEqual(await keysIn(kv), ["sessions,ab", "sessions,ab,lease"]);
  await other.release();
});

Deno.test("a session is read by its owner alone, whoever serves it, as it is at that moment", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1, now: () => 5 });
  const record = await store.create(session("a"));
  await record.put({ rank: 2, item: writtenItem("y") });
  await record.put({ rank: 1, item: writtenItem("x") });

  const memory = await store.read("a", "ada");

  deepEqual(memory!.session, session("a"));
  deepEqual(memory!.items.map(({ item }) => item), [writtenItem("x"), writtenItem("y")]);
  equal(memory!.expiresAt, HOUR_MS + 5);
  equal(await store.read("a", "eve"), undefined);
  equal(await store.read("b", "ada"), undefined);
  equal(await store.read("a".repeat(5000), "ada"), undefined);
  equal(record.lost.aborted, false);
  await record.release();
});

Deno.test("a session that is written while it is read is read again, and never half of each", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const record = await store.create(session("a"));
  await record.put({ rank: 1, item: writtenItem("x") });
  let writes = 0;
  const interrupted = withMembers(kv, {
    async getMany(keys: Deno.KvKey[]) {
      const entries = await kv.getMany(keys);
      if (writes++ === 0) await record.saveSettings(settings("new"));
      return entries;
    },
  });

  const memory = await createKvSessionStore(interrupted, { ttlHours: 1 }).read("a", "ada");

  deepEqual(memory!.session.settings, settings("new"));
  equal(writes, 2);
  await record.release();
});

Deno.test("a session deleted while it is being resumed stays deleted", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  await (await store.create(session("a"))).release();
  const interrupted = withMembers(kv, {
    async getMany(keys: Deno.KvKey[]) {
      const entries = await kv.getMany(keys);
      await store.delete("a", "ada");
      return entries;
    },
  });

  const resumed = await createKvSessionStore(interrupted, { ttlHours: 1 }).resume("a", "ada");

  equal(resumed, undefined);
  deepEqual(await keysIn(kv), []);
});

for (
  const [what, key, value] of [
    ["head", ["sessions", "a"], { owner: "ada" }],
    ["item that is no JSON", ["sessions", "a", "items", 1], new Uint8Array([123])],
    ["item that is none", ["sessions", "a", "items", 1], new TextEncoder().encode("{}")],
    ["item that is no bytes", ["sessions", "a", "items", 1], 42],
    ["rank", ["sessions", "a", "items", "first"], new TextEncoder().encode("{}")],
  ] as const
) {
  Deno.test(`a session with a corrupt ${what} is an unknown one`, async () => {
    using kv = await Deno.openKv(":memory:");
    const store = createKvSessionStore(kv, { ttlHours: 1 });
    const record = await store.create(session("a"));
    await record.put({ rank: 1, item: writtenItem("x") });
    await record.release();
    await kv.set(key, value);

    const resumed = await store.resume("a", "ada");

    equal(resumed, undefined);
    equal((await keysIn(kv)).some((each) => each.includes("lease")), false);
  });
}

Deno.test("a hundred sessions at once do not mix", async () => {
  using kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1 });
  const ids = Array.from({ length: 100 }, (_, i) => `s${i}`);

  await Promise.all(ids.map(async (id) => {
    const record = await store.create(session(id));
    for (let rank = 0; rank < 5; rank++) {
      await record.put({ rank, item: writtenItem(`${id}-${rank}`) });
    }
    await record.release();
  }));

  for (const id of ids) {
    const resumed = (await store.resume(id, "ada"))!;
    deepEqual(resumed.items.map(({ item }) => item.id), [0, 1, 2, 3, 4].map((n) => `${id}-${n}`));
    await resumed.release();
  }
});

Deno.test("a session survives the death of its process", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/test.kv`;
    using dead = await Deno.openKv(path);
    const before = await createKvSessionStore(dead, { ttlHours: 1 }).create(session("a"));
    await before.put({ rank: 1, item: writtenItem("x") });
    using kv = await Deno.openKv(path);
    const store = createKvSessionStore(kv, { ttlHours: 1 });

    const resumed = await store.resume("a", "ada");

    deepEqual(resumed!.items, [{ rank: 1, item: writtenItem("x") }]);
    await rejects(before.put({ rank: 2, item: writtenItem("ghost") }), { name: "SessionLost" });
    await resumed!.release();
    deepEqual(await itemsOf(store), [writtenItem("x")]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The same store, with some of its methods replaced. */
function withMembers(kv: Deno.Kv, members: Readonly<Record<string, unknown>>): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return members[String(name)];
      const member = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

async function itemsOf(store: ReturnType<typeof createKvSessionStore>): Promise<Item[]> {
  const record = (await store.resume("a", "ada"))!;
  await record.release();
  return record.items.map(({ item }) => item);
}

async function keysIn(kv: Deno.Kv): Promise<string[]> {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.map(({ key }) => key.join());
}

async function versionstampsIn(kv: Deno.Kv): Promise<Map<string, string>> {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  ok(entries.length > 0);
  return new Map(entries.map(({ key, versionstamp }) => [key.join(), versionstamp]));
}

function session(id: string): StoredSession {
  return { id, conversationId: `conv_${id}`, owner: "ada", settings: settings("Be brief.") };
}

function settings(instructions: string): SessionSettings {
  return defaultSettings({ model: "m", instructions, voice: "slt" });
}
