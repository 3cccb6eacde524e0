import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { createUploads } from "@/server/limits/uploads.ts";

/** How an answer refuses, or `"taken"`. */
async function toldBy(answer: Disposable | Response) {
  if (!(answer instanceof Response)) return "taken";
  return [answer.status, (await answer.json()).error.code, answer.headers.get("retry-after")];
}

Deno.test("so many recordings are taken at once of one caller, and of all, and others when one is done", async () => {
  const uploads = createUploads({ max: 3, perCaller: 2 });
  const first = uploads.enter("anna");
  ok(!(first instanceof Response));

  const answers = ["anna", "anna", "bert", "carl"].map((caller) => uploads.enter(caller));
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const later = ["anna", "anna", "carl"].map((caller) => uploads.enter(caller));

  deepEqual(await Promise.all([...answers, ...later].map(toldBy)), [
    "taken",
    [429, "too_many_uploads", "5"],
    "taken",
    [503, "server_full", "5"],
    "taken",
    [429, "too_many_uploads", "5"],
    [503, "server_full", "5"],
  ]);
});

Deno.test("by default it goes by the machine, and one caller never has all", async () => {
  const uploads = createUploads();

  const answers = Array.from({ length: 100 }, () => uploads.enter("anna"));
  const other = uploads.enter("bert");

  ok(answers.filter((answer) => !(answer instanceof Response)).length >= 2);
  deepEqual(await toldBy(other), "taken");
});
