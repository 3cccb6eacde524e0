import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { createHistory, type History } from "@/conversation/history.ts";
import type { Item } from "@/conversation/item.ts";
import type { RankedItem } from "@/conversation/session_store.ts";
import { storeInsertion } from "@/conversation/store_insertion.ts";
import { writtenItem } from "./written_item.ts";

Deno.test("history keeps items in the order in which they came", () => {
  const history = createHistory([]);

  const first = history.insert(writtenItem("a"), undefined);
  const second = history.insert(writtenItem("b"), null);

  equal(first.previousItemId, null);
  equal(second.previousItemId, "a");
  ok(first.entry.rank < second.entry.rank);
  deepEqual(ids(history), ["a", "b"]);
});

Deno.test("a new history is empty", () => {
  const history = createHistory([]);

  deepEqual(history.items(), []);
});

Deno.test("history puts an item behind the one that is named, or at the root", () => {
  const history = createHistory([stored(1, "a"), stored(2, "b")]);

  const between = history.insert(writtenItem("between"), "a");
  const root = history.insert(writtenItem("root item"), "root");

  deepEqual(ids(history), ["root item", "a", "between", "b"]);
  equal(between.entry.rank, 1.5);
  equal(between.previousItemId, "a");
  equal(root.previousItemId, null);
  equal(root.entry.rank, 0);
});

Deno.test("history goes on behind the ranks it was stored with", () => {
  const history = createHistory([stored(1, "a"), stored(7.25, "b")]);

  const { entry, moved } = history.insert(writtenItem("c"), undefined);

  equal(entry.rank, 8);
  deepEqual(moved, []);
});

Deno.test("history refuses what cannot be inserted, and stays as it was", () => {
  const history = createHistory([stored(1, "a")]);
  const output: Item = {
    id: "o",
    object: "realtime.item",
    type: "function_call_output",
    status: "completed",
    call_id: "call_unknown",
    output: "42",
  };

  throws(() => history.insert(writtenItem("b"), "nobody"), {
    code: "item_create_invalid_previous_item_id",
    param: "previous_item_id",
  });
  throws(() => history.insert(writtenItem("a"), undefined), {
    code: "item_create_duplicate_id",
    param: "item.id",
  });
  throws(() => history.insert(output, undefined), {
    code: "item_create_invalid_call_id",
    param: "item.call_id",
  });
  deepEqual(ids(history), ["a"]);
});

Deno.test("history takes the output of a call that it knows", () => {
  const history = createHistory([]);
  const base = { object: "realtime.item", status: "completed", call_id: "call_1" } as const;

  history.insert({ ...base, id: "c", type: "function_call", name: "f", arguments: "{}" }, null);
  history.insert({ ...base, id: "o", type: "function_call_output", output: "42" }, null);

  deepEqual(ids(history), ["c", "o"]);
});

Deno.test("history replaces an item in its place", () => {
  const history = createHistory([stored(1, "a"), stored(2, "b")]);

  const entry = history.replace(writtenItem("a", "new"));

  deepEqual(entry, { rank: 1, item: writtenItem("a", "new") });
  deepEqual(history.get("a"), writtenItem("a", "new"));
  throws(() => history.replace(writtenItem("nobody")), RangeError);
});

Deno.test("history removes an item, and says so if there is none", () => {
  const history = createHistory([stored(1, "a"), stored(2, "b")]);

  const entry = history.remove("a");

  equal(entry.rank, 1);
  equal(history.has("a"), false);
  equal(history.get("a"), undefined);
  deepEqual(ids(history), ["b"]);
  throws(() => history.remove("a"), { code: "item_delete_invalid_item_id", param: "item_id" });
});

Deno.test("what history handed out does not change behind the reader's back", () => {
  const history = createHistory([stored(1, "a")]);

  const before = history.items();
  history.insert(writtenItem("b"), undefined);

  equal(before.length, 1);
});

for (
  const [pattern, place] of [
    ["behind one item, always the same", () => "a"],
    ["each behind the last one", (n: number) => n === 0 ? "a" : `n${n - 1}`],
    ["at the root", () => "root"],
  ] as const
) {
  Deno.test(`history takes 300 insertions ${pattern}, and what is stored keeps their order`, async () => {
    const history = createHistory([stored(1, "a"), stored(2, "b"), stored(3, "c")]);
    const store = fakeRecord([stored(1, "a"), stored(2, "b"), stored(3, "c")]);

    for (let n = 0; n < 300; n++) {
      await storeInsertion(store, history.insert(writtenItem(`n${n}`), place(n)));
    }

    equal(history.items().length, 303);
    deepEqual(ids(createHistory(store.read())), ids(history));
    equal(store.read().length, 303);
  });
}

Deno.test("a crash anywhere in the writes of a move leaves the conversation in order", async () => {
  const rank = 1 + Number.EPSILON; // no float lies between 1 and this
  const before = [stored(1, "a"), stored(rank, "b"), stored(2, "c"), stored(3, "d")];
  const insertion = createHistory(before).insert(writtenItem("new"), "a");
  equal(insertion.moved.length, 3);

  for (let writes = 0; writes <= 7; writes++) {
    const store = fakeRecord(before, writes);
    await storeInsertion(store, insertion).catch(() => {});
    const restarted = ids(createHistory(store.read()));

    deepEqual(restarted, writes === 7 ? ["a", "new", "b", "c", "d"] : ["a", "b", "c", "d"]);
  }
});

/** A record in memory that fails after so many writes. */
function fakeRecord(entries: readonly RankedItem[], writes = Infinity) {
  const byRank = new Map(entries.map((entry) => [entry.rank, entry]));
  function write(): void {
    if (writes-- <= 0) throw new Error("crashed");
  }
  return {
    put: (entry: RankedItem) =>
      Promise.try(() => {
        write();
        byRank.set(entry.rank, entry);
      }),
    remove: (rank: number) =>
      Promise.try(() => {
        write();
        byRank.delete(rank);
      }),
    read: () => [...byRank.values()].sort((a, b) => a.rank - b.rank),
  };
}

function ids(history: History): string[] {
  return history.items().map(({ id }) => id);
}

function stored(rank: number, id: string): RankedItem {
  return { rank, item: writtenItem(id) };
}

Deno.test("there is room for 10,000 items, and again when one is removed; what was said is taken in any case", () => {
  const history = createHistory(
    Array.from({ length: 9_999 }, (_, i) => stored(i + 1, `item_${i}`)),
  );

  history.assertRoom(writtenItem("last"));
  history.insert(writtenItem("last"), undefined);
  throws(() => history.assertRoom(writtenItem("more")), {
    code: "conversation_full",
    param: "item",
  });
  history.insert(writtenItem("said"), undefined);
  const full = history.isFull();
  for (const id of ["said", "item_5"]) history.remove(id);

  history.assertRoom(writtenItem("more"));
  deepEqual([full, history.isFull()], [true, false]);
});

Deno.test("there is room for 8 MiB, counted as bytes, by what items have become", () => {
  const long = (id: string, letters: number) => writtenItem(id, "ß".repeat(letters));
  const history = createHistory([]);
  for (let i = 0; i < 7; i++) history.insert(long(`item_${i}`, 2 ** 19), undefined);

  throws(() => history.assertRoom(long("more", 2 ** 19)), { code: "conversation_full" });
  history.replace(writtenItem("item_0", "short"));
  history.assertRoom(long("more", 2 ** 19));
  history.replace(long("item_0", 2 ** 20));

  deepEqual(history.isFull(), true);
});
