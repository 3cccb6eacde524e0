import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createTokenJudge, type JudgeToken } from "@/server/auth/tokens.ts";
import type { Verdict } from "@/server/auth/refuse_caller.ts";
import { type Issuer, makeSigningKey, NOW, startIssuer } from "./issuer.ts";

const SECOND = 1000;
const old = await makeSigningKey("old");
const fresh = await makeSigningKey("fresh");

/** Judges tokens by an issuer's key set. Whatever the clock says, tokens are in time. */
function judgeBy({ url }: Pick<Issuer, "url">): JudgeToken {
  const terms = { secret: undefined, issuer: undefined, audience: undefined };
  return createTokenJudge({ ...terms, jwksUrl: url }, { now: () => NOW });
}

function isAccepted(verdict: Verdict): boolean {
  return "subject" in verdict;
}

const unverifiable = { failure: "token_unverifiable" };
const unknown = { failure: "token_key_unknown" };

Deno.test("the key set is asked for once, however many tokens come", async () => {
  await using issuer = startIssuer(old);
  const judge = judgeBy(issuer);
  equal(issuer.requests, 0);

  const verdicts = await Promise.all(
    Array.from({ length: 20 }, async () => judge(await old.sign())),
  );

  ok(verdicts.every(isAccepted));
  equal(issuer.requests, 1);
});

Deno.test("a key that was added is found when a token names it, and one that was removed is not trusted any more", async () => {
  using time = new FakeTime();
  await using issuer = startIssuer(old);
  const judge = judgeBy(issuer);
  ok(isAccepted(await judge(await old.sign())));

  issuer.publish(fresh);
  time.tick(30 * SECOND);

  ok(isAccepted(await judge(await fresh.sign())));
  deepEqual(await judge(await old.sign()), unknown);
  equal(issuer.requests, 2);
});

Deno.test("tokens of unknown keys make the key set be asked for every 30 s at most", async () => {
  using time = new FakeTime();
  await using issuer = startIssuer(old);
  const judge = judgeBy(issuer);

  for (let round = 0; round < 5; round++) deepEqual(await judge(await fresh.sign()), unknown);
  equal(issuer.requests, 1);
  time.tick(29 * SECOND);
  await judge(await fresh.sign());
  equal(issuer.requests, 1);
  time.tick(1 * SECOND);
  await judge(await fresh.sign());
  equal(issuer.requests, 2);
});

Deno.test("a key that was removed is trusted for ten minutes at most", async () => {
  using time = new FakeTime();
  await using issuer = startIssuer(old);
  const judge = judgeBy(issuer);
  await judge(await old.sign());
  issuer.publish(fresh);

  time.tick(599 * SECOND);
  ok(isAccepted(await judge(await old.sign())));
  time.tick(1 * SECOND);
  deepEqual(await judge(await old.sign()), unknown);
});

const broken: readonly [what: string, response: () => Response][] = [
  ["an error", () => new Response("no", { status: 500 })],
  ["what is no JSON", () => new Response("<html>")],
  ["JSON that is no key set", () => Response.json({ keys: "none" })],
  ["a redirection", () => Response.redirect("http://127.0.0.1:1/jwks.json")],
];
for (const [what, response] of broken) {
  Deno.test(`while ${what} is answered, tokens are neither good nor bad, and it is not asked all the time`, async () => {
    using time = new FakeTime();
    await using issuer = startIssuer(old);
    issuer.answer(response);
    const judge = judgeBy(issuer);

    for (let round = 0; round < 3; round++) deepEqual(await judge(await old.sign()), unverifiable);
    equal(issuer.requests, 1);

    issuer.publish(old);
    time.tick(5 * SECOND);
    ok(isAccepted(await judge(await old.sign())));
    equal(issuer.requests, 2);
  });
}

Deno.test("a key set that does not answer is given up after 5 s", async () => {
  using time = new FakeTime();
  await using issuer = startIssuer();
  issuer.answer("never");
  const asked = issuer.asked();
  const verdict = judgeBy(issuer)(await old.sign());
  await asked;

  time.tick(5 * SECOND);

  deepEqual(await verdict, unverifiable);
});

Deno.test("where nobody listens, tokens are neither good nor bad", async () => {
  const issuer = startIssuer();
  await issuer[Symbol.asyncDispose]();

  deepEqual(await judgeBy(issuer)(await old.sign()), unverifiable);
});

Deno.test("while the key set cannot be had again, those that were known are used", async () => {
  using time = new FakeTime();
  await using issuer = startIssuer(old);
  const judge = judgeBy(issuer);
  await judge(await old.sign());
  issuer.answer(() => new Response("no", { status: 500 }));
  time.tick(60 * SECOND);

  deepEqual(await judge(await fresh.sign()), unverifiable);
  ok(isAccepted(await judge(await old.sign())));
});
