import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { AdmitTurn } from "@/conversation/turn_limit.ts";
import { openTalk } from "./talk.ts";

/** Admits so many turns, and keeps what it was asked. */
function limitOf(turns: number): AdmitTurn & { readonly asked: readonly number[] } {
  const asked: number[] = [];
  let left = turns;
  const admit: AdmitTurn = (seconds) => {
    asked.push(Math.round(seconds));
    const allowed = left > 0;
    if (allowed) left--;
    return Promise.resolve({
      allowed,
      retryAfterSeconds: allowed ? 0 : 30,
      limits: [{ name: "requests", limit: turns, remaining: left, resetSeconds: 60 }],
    });
  };
  return Object.assign(admit, { asked });
}

Deno.test("a spoken turn beyond the limit is written down and not answered, which is told; the session lives on", async () => {
  const admitTurn = limitOf(1);
  await using talk = await openTalk({ admitTurn });

  await talk.say("one");
  await talk.silence(3000);
  await talk.say("two");
  await talk.silence(3000);

  const { client } = talk;
  deepEqual(client.of("transcribed").map(([, text]) => text), ["one", "two"]);
  equal(client.of("openResponse").length, 1);
  deepEqual(client.of("rateLimits")[0]![0], [
    { name: "requests", limit: 1, remaining: 0, resetSeconds: 60 },
  ]);
  const [[error]] = client.of("refused") as [[{ code: string; message: string }]];
  equal(error.code, "rate_limit_exceeded");
  equal(/30 s/.test(error.message), true);
});

Deno.test("what counts of a spoken turn is its speech, not the silence of an open microphone", async () => {
  const admitTurn = limitOf(5);
  await using talk = await openTalk({ admitTurn });

  await talk.silence(20_000);
  await talk.say("one two three four five six seven");
  await talk.silence(3000);

  deepEqual(admitTurn.asked, [2]);
});

Deno.test("a response that is asked for beyond the limit is an error that says when to ask again", async () => {
  await using talk = await openTalk({ admitTurn: limitOf(0) });

  await rejects(talk.session.createResponse({}), { code: "rate_limit_exceeded" });

  equal(talk.client.of("openResponse").length, 0);
});

Deno.test("a session in which nobody says anything for long enough ends, however open its microphone is", async () => {
  await using talk = await openTalk({ idleSeconds: 60 });

  await talk.say("one");
  await talk.silence(59_000);
  const before = talk.session.signal.aborted;
  await talk.silence(6000);

  deepEqual([before, talk.session.signal.reason], [false, "idle"]);
});
