import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { createRateLimiter } from "@/server/limits/rate_limiter.ts";
import { createTurnLimit } from "@/server/limits/turn_limit.ts";

Deno.test("nothing is counted where nothing is limited", () => {
  equal(createTurnLimit({ turns: undefined, speech: undefined })("anna"), undefined);
});

Deno.test("turns and their speech are counted, whichever is used up first refuses", async () => {
  using kv = await Deno.openKv(":memory:");
  const now = () => 0;
  const admitTurn = createTurnLimit({
    turns: createRateLimiter(kv, { kind: "turns", perMinute: 3, now }),
    speech: createRateLimiter(kv, { kind: "speech", perMinute: 60, now }),
  });
  const [anna, bert] = [admitTurn("anna")!, admitTurn("bert")!];

  const talkative = [await anna(70), await anna(1)];
  const terse = [await bert(0), await bert(0), await bert(0), await bert(0)];

  deepEqual(talkative.map(({ allowed, retryAfterSeconds }) => [allowed, retryAfterSeconds]), [
    [true, 0],
    [false, 11],
  ]);
  deepEqual(terse.map(({ allowed, retryAfterSeconds }) => [allowed, retryAfterSeconds]), [
    [true, 0],
    [true, 0],
    [true, 0],
    [false, 20],
  ]);
  deepEqual(terse[0]!.limits, [{ name: "requests", limit: 3, remaining: 2, resetSeconds: 20 }]);
});
