import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createStagesOfEnd } from "@/server/stages_of_end.ts";

Deno.test("the end of the server comes in three stages: nobody new, nothing long, nobody waited for", async () => {
  using time = new FakeTime();
  using end = createStagesOfEnd();
  const reached = () => [end.stopping, end.overdue, end.lost].map(({ aborted }) => aborted);
  const stages = [reached()];

  end.begin();
  stages.push(reached());
  await time.tickAsync(10_000);
  stages.push(reached());
  await time.tickAsync(2000);
  stages.push(reached());

  deepEqual(stages, [
    [false, false, false],
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

Deno.test("once all has ended no further stage comes", async () => {
  using time = new FakeTime();
  const end = createStagesOfEnd();
  end.begin();

  end[Symbol.dispose]();
  await time.tickAsync(60_000);

  deepEqual([end.overdue.aborted, end.lost.aborted], [false, false]);
});
