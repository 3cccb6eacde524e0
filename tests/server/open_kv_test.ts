import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError } from "@/errors.ts";
import { leasePollMs, openKv } from "@/server/open_kv.ts";

function names(variable: string, message: RegExp) {
  return (error: Error) =>
    error instanceof ConfigError && error.problems[0]?.variable === variable &&
    message.test(error.message);
}

Deno.test("openKv() opens a store in memory", async () => {
  using kv = await openKv(":memory:");

  ok((await kv.set(["a"], 1)).ok);
});

Deno.test("openKv() makes the folder of its file, and finds what was stored there", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "deep/er/chatai.kv");
  {
    using kv = await openKv(path);
    await kv.set(["a"], 1);
  }

  using kv = await openKv(path);

  equal((await kv.get(["a"])).value, 1);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("openKv() names KV_PATH when the file is no store", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "this is no database, however long one looks at it".repeat(20));

  await rejects(openKv(path), names("KV_PATH", /not a database.*Move the file away/));
  await Deno.remove(path);
});

Deno.test("openKv() names KV_PATH when it is a folder", async () => {
  const path = await Deno.makeTempDir();

  await rejects(openKv(path), names("KV_PATH", /unable to open.*Name a file, not a folder/));
  await Deno.remove(path);
});

Deno.test({
  name:
    "openKv() names the folder that is not there, where it may write the file alone, as under deno task serve",
  permissions: { read: ["/nowhere/deep/chatai.kv"], write: ["/nowhere/deep/chatai.kv"] },
  async fn() {
    await rejects(
      openKv("/nowhere/deep/chatai.kv"),
      names("KV_PATH", /its folder must be there: mkdir -p \/nowhere\/deep$/),
    );
  },
});

Deno.test("openKv() names KV_PATH when another process has locked the file", async () => {
  const path = await Deno.makeTempFile();
  const other = new DatabaseSync(path);
  other.exec("BEGIN EXCLUSIVE; CREATE TABLE t (x)");

  await rejects(openKv(path), names("KV_PATH", /locked.*Another process/));
  other.close();
  await Deno.remove(path);
});

Deno.test("openKv() waits for another process that is making the tables of the same file", async () => {
  const path = await Deno.makeTempFile();
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  using fails = watchOpenFail(() => other.isOpen && other.close());

  using kv = await openKv(path);

  equal((await kv.get(["a"])).value, null);
  equal(fails.count, 1);
  await Deno.remove(path);
});

/** Calls back when `Deno.openKv` fails, until it is disposed of. */
function watchOpenFail(then: () => void): Disposable & { readonly count: number } {
  const original = Object.getOwnPropertyDescriptor(Deno, "openKv")!;
  const open = Deno.openKv;
  let count = 0;
  const watched: typeof Deno.openKv = (path) =>
    open(path).catch((error) => {
      count++;
      then();
      throw error;
    });
  Object.defineProperty(Deno, "openKv", { ...original, get: () => watched });
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void Object.defineProperty(Deno, "openKv", original),
  };
}

Deno.test("leases are looked at where the store tells nobody else of a change: in a file", () => {
  const polls = ["data/chatai.kv", ":memory:", "https://kv.example.org/", "default"].map((path) =>
    leasePollMs(path) !== undefined
  );

  deepEqual(polls, [true, false, false, false]);
});
