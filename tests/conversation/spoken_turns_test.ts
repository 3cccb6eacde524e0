import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createSpokenTurns } from "@/conversation/spoken_turns.ts";

Deno.test("a turn is followed by a later one, unless nothing was said in that", () => {
  const turns = createSpokenTurns();
  using turn = turns.begin();
  const alone = turn.isFollowed();

  using later = turns.begin();
  const whileWrittenDown = turn.isFollowed();
  later.heard(false);
  const bySilence = turn.isFollowed();
  later.heard(true);
  const byWords = turn.isFollowed();

  deepEqual([alone, whileWrittenDown, bySilence, byWords], [false, true, false, true]);
  equal(later.isFollowed(), false);
});

Deno.test("a turn stays followed by one that was over before it", () => {
  const turns = createSpokenTurns();
  using turn = turns.begin();
  {
    using later = turns.begin();
    later.heard(true);
  }

  equal(turn.isFollowed(), true);
});

Deno.test("a turn that came to nothing follows none", () => {
  const turns = createSpokenTurns();
  using turn = turns.begin();
  {
    using _failed = turns.begin();
  }

  equal(turn.isFollowed(), false);
});
