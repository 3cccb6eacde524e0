import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createManners } from "@/engines/asr/funasr/manners.ts";

const SOUND = { sound: true };
const SILENCE = { sound: false };

Deno.test("a server that never said anything may keep silent about silence, not about sound", () => {
  const manners = createManners();

  const may = [SILENCE, SOUND].map(manners.mayKeepSilent);

  deepEqual(may, [true, false]);
});

Deno.test("a server that says something may keep silent, unless it ends its rounds", () => {
  const manners = createManners();

  const may = [undefined, "ends rounds", undefined, "ends none"].map((shown) => {
    manners.spoke(shown as "ends rounds" | "ends none" | undefined);
    return manners.mayKeepSilent(SOUND);
  });

  deepEqual(may, [true, false, false, true]);
});

Deno.test("nothing is known of a server that comes back", () => {
  const manners = createManners();
  manners.spoke("ends rounds");

  manners.forget();

  equal(manners.closesRounds(), false);
  deepEqual([SILENCE, SOUND].map(manners.mayKeepSilent), [true, false]);
});
