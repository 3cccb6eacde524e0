import { notStrictEqual as notEqual, strictEqual as equal } from "node:assert/strict";
import { createAuthorise } from "@/server/auth.ts";

const authorise = createAuthorise({ auth: "keys", apiKeys: ["first-key", "second-key"] });

Deno.test("without authentication everybody is anonymous, key or not", () => {
  const open = createAuthorise({ auth: "none", apiKeys: [] });

  equal(open(undefined), "anonymous");
  equal(open("whatever"), "anonymous");
});

Deno.test("each key has a subject of its own, the same every time, that does not tell the key", () => {
  const first = authorise("first-key");

  equal(first, authorise("first-key"));
  notEqual(first, authorise("second-key"));
  equal(first?.includes("first"), false);
});

for (const key of [undefined, "", "first-ke", "first-key ", "FIRST-KEY", "first-key,second-key"]) {
  Deno.test(`the key ${JSON.stringify(key)} is refused`, () => {
    equal(authorise(key), undefined);
  });
}
