import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createAdmission } from "@/server/limits/admission.ts";

Deno.test("there are places until all are taken, and again when one is given back", () => {
  const admission = createAdmission({ max: 2 });
  const [first, second, third] = [admission.enter(), admission.enter(), admission.enter()];

  first?.[Symbol.dispose]();
  const fourth = admission.enter();

  deepEqual([first, second, third, fourth].map((place) => place !== undefined), [
    true,
    true,
    false,
    true,
  ]);
});

Deno.test("a place that is given back twice is one place", () => {
  const admission = createAdmission({ max: 1 });
  const place = admission.enter();
  place?.[Symbol.dispose]();
  place?.[Symbol.dispose]();

  const places = [admission.enter(), admission.enter()];

  deepEqual(places.map((place) => place !== undefined), [true, false]);
});
