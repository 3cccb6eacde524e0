import { notStrictEqual as notEqual, strictEqual as equal } from "node:assert/strict";
import { createKeyring } from "@/server/auth/api_keys.ts";
import { digestOf } from "./digest_of.ts";

const findKey = createKeyring([digestOf("first-key"), digestOf("second-key")]);

Deno.test("each key has a subject of its own, the same every time, that does not tell the key", () => {
  const first = findKey("first-key");

  equal(first, findKey("first-key"));
  notEqual(first, findKey("second-key"));
  equal(first?.includes("first"), false);
});

for (
  const key of [
    "",
    "first-ke",
    "first-key ",
    "FIRST-KEY",
    "first-key,second-key",
    digestOf("first-key"),
    `sha256:${digestOf("first-key")}`,
  ]
) {
  Deno.test(`the key ${JSON.stringify(key)} is refused`, () => {
    equal(findKey(key), undefined);
  });
}

Deno.test("where there are no keys, none is accepted", () => {
  equal(createKeyring([])(""), undefined);
});
