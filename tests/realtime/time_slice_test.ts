import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { createTimeSlice } from "@/realtime/time_slice.ts";

Deno.test("others have their turn whenever 2 ms have been worked, however small the pieces, and not before", async () => {
  let clock = 0;
  const done: string[] = [];
  const slice = createTimeSlice({
    now: () => clock,
    turn: () => Promise.resolve(done.push("others")),
  });
  const pieces = [0.5, 0.5, 0.5, 0.5, 1, 5, 0.5];

  for (const ms of pieces) {
    await slice.spend(() => {
      clock += ms;
      done.push(`${ms}`);
      return Promise.resolve();
    });
    clock += 100; // between them nobody works
  }

  deepEqual(done, ["0.5", "0.5", "0.5", "0.5", "others", "1", "5", "others", "0.5"]);
});
