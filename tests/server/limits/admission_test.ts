import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createAdmission } from "@/server/limits/admission.ts";

Deno.test("there are places until all are taken, and again when one is given back", () => {
  const admission = createAdmission({ maxSessions: 2, maxSessionsPerCaller: undefined });
  const first = admission.enter("anna");
  const second = admission.enter("anna");
  const third = admission.enter("bert");

  if (first.kind === "entered") first.place[Symbol.dispose]();
  const fourth = admission.enter("bert");

  deepEqual([first, second, third, fourth].map(({ kind }) => kind), [
    "entered",
    "entered",
    "full",
    "entered",
  ]);
});

Deno.test("one caller gets some of the places, and others the rest", () => {
  const admission = createAdmission({ maxSessions: 3, maxSessionsPerCaller: 1 });

  const entries = ["anna", "anna", "bert"].map((caller) => admission.enter(caller).kind);

  deepEqual(entries, ["entered", "greedy", "entered"]);
});

Deno.test("a place that is given back twice is one place", () => {
  const admission = createAdmission({ maxSessions: 1, maxSessionsPerCaller: undefined });
  const entry = admission.enter("anna");
  if (entry.kind === "entered") {
    entry.place[Symbol.dispose]();
    entry.place[Symbol.dispose]();
  }

  const entries = [admission.enter("anna").kind, admission.enter("anna").kind];

  deepEqual(entries, ["entered", "full"]);
});
