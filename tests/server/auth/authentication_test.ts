import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import type { Caller } from "@/realtime/handshake.ts";
import { createAuthentication } from "@/server/auth/authentication.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";
import { digestOf } from "./digest_of.ts";
import { makeSigningKey, NOW, signWithSecret, startIssuer } from "./issuer.ts";

const SECRET = "a secret of thirty-two bytes, no less";
const session = { type: "realtime", instructions: "Be brief." } as const;
const kv = await Deno.openKv(":memory:");
const secrets = createClientSecrets(kv);

const now = () => NOW;
const terms = { jwksUrl: undefined, issuer: undefined, audience: undefined };
const keyDigests = [digestOf("first-key")];
const keys = createAuthentication({ auth: { keyDigests, tokens: undefined }, secrets, now });
const both = createAuthentication({
  auth: { keyDigests, tokens: { ...terms, secret: SECRET } },
  secrets,
  now,
});
const open = createAuthentication({ auth: "none", secrets, now });

async function subjectOf(answer: Promise<Caller | Response> | Caller | Response): Promise<string> {
  const caller = await answer;
  ok(!(caller instanceof Response));
  return caller.subject;
}

async function messageOf(answer: Promise<Caller | Response> | Caller | Response): Promise<string> {
  const response = await answer;
  ok(response instanceof Response);
  equal(response.status, 401);
  return (await response.json()).error.message;
}

Deno.test("without authentication everybody is anonymous, key or not", async () => {
  for (const key of [undefined, "whatever", await signWithSecret(SECRET)]) {
    equal(await subjectOf(open.authorise(key)), "anonymous");
    equal(await subjectOf(open.identify(key)), "anonymous");
  }
});

Deno.test("a key and a token call and connect side by side, as subjects of their own", async () => {
  const token = await signWithSecret(SECRET);

  const key = await subjectOf(both.authorise("first-key"));
  const bearer = await subjectOf(both.authorise(token));

  match(key, /^key_/);
  match(bearer, /^jwt_/);
  equal(await subjectOf(both.identify("first-key")), key);
  equal(await subjectOf(both.identify(token)), bearer);
});

Deno.test("what is neither key, token nor client secret is refused, with the reason", async () => {
  const expired = await signWithSecret(SECRET, { exp: NOW / 1000 - 60 });

  match(await messageOf(both.authorise(undefined)), /key is missing/);
  match(await messageOf(both.authorise("wrong")), /key is wrong/);
  match(await messageOf(both.identify(expired)), /token has expired/);
  match(await messageOf(both.identify("ek_unknown")), /no such client secret/);
});

Deno.test("where only keys are accepted, a token is a wrong key", async () => {
  match(await messageOf(keys.authorise(await signWithSecret(SECRET))), /key is wrong/);
});

Deno.test("a key that looks like a token is a key all the same", async () => {
  const key = "my.own.key";
  const auth = { keyDigests: [digestOf(key)], tokens: { ...terms, secret: SECRET } };

  match(await subjectOf(createAuthentication({ auth, secrets }).authorise(key)), /^key_/);
});

Deno.test("a client secret connects with its settings as whom it was made for, and does nothing else", async () => {
  const { value } = await secrets.create({ subject: "maker", session }, { seconds: 60 });

  const caller = await both.identify(value);

  ok(!(caller instanceof Response));
  equal(caller.subject, "maker");
  deepEqual(caller.session, session);
  match(await messageOf(both.authorise(value)), /conversations and nothing else/);
});

Deno.test("where everybody may connect, client secrets bring their settings all the same", async () => {
  const { value } = await secrets.create({ subject: "anonymous", session }, { seconds: 60 });

  const caller = await open.identify(value);

  ok(!(caller instanceof Response));
  deepEqual(caller.session, session);
  match(await messageOf(open.identify("ek_unknown")), /no such client secret/);
});

Deno.test("a client secret that was made where everybody could is none once keys or tokens are asked for", async () => {
  const { value } = await secrets.create({ subject: "anonymous", session }, { seconds: 60 });

  match(await messageOf(keys.identify(value)), /no such client secret/);
  match(await messageOf(both.identify(value)), /no such client secret/);
});

Deno.test("a token that cannot be checked is not refused: its caller is asked to come back", async () => {
  await using issuer = startIssuer();
  issuer.answer(() => new Response("no", { status: 500 }));
  const { authorise } = createAuthentication({
    auth: { keyDigests: [], tokens: { ...terms, secret: undefined, jwksUrl: issuer.url } },
    secrets,
    now,
  });

  const response = await authorise(await (await makeSigningKey("1")).sign());

  ok(response instanceof Response);
  equal(response.status, 503);
  match(response.headers.get("retry-after") ?? "", /^\d+$/);
  notEqual((await response.json()).error.code, "invalid_api_key");
});
