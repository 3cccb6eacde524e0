import { match, strictEqual as equal } from "node:assert/strict";
import { newId } from "@/conversation/ids.ts";

Deno.test("an id names what it is of, and has 20 random characters", () => {
  match(newId("item"), /^item_[A-Za-z0-9_-]{20}$/);
});

Deno.test("no two ids are the same", () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newId("sess")));

  equal(ids.size, 1000);
});
