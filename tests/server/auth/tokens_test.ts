import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  strictEqual as equal,
} from "node:assert/strict";
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import type { TokenConfig } from "@/config.ts";
import { createTokenJudge, isToken, type JudgeToken } from "@/server/auth/tokens.ts";
import { type Claims, makeSigningKey, NOW, signWithSecret, startIssuer } from "./issuer.ts";

const SECRET = "a secret of thirty-two bytes, no less";
const SECONDS = NOW / 1000;

/** A judge whose clock stands still at `NOW`. */
function createJudge(terms: Partial<TokenConfig> = { secret: SECRET }): JudgeToken {
  const none = { secret: undefined, jwksUrl: undefined, issuer: undefined, audience: undefined };
  return createTokenJudge({ ...none, ...terms }, { now: () => NOW });
}

Deno.test("a token that the secret has signed is its subject's", async () => {
  const judge = createJudge();

  const first = await judge(await signWithSecret(SECRET));
  const again = await judge(await signWithSecret(SECRET, { exp: SECONDS + 3600, jti: "2" }));

  ok("subject" in first);
  match(first.subject, /^jwt_[0-9a-f]{32}$/);
  deepEqual(again, first);
});

Deno.test("subjects of two names, and of the same name at two issuers, are not the same", async () => {
  const judge = createJudge();

  const verdicts = [
    await judge(await signWithSecret(SECRET, { sub: "ada" })),
    await judge(await signWithSecret(SECRET, { sub: "eve" })),
    await judge(await signWithSecret(SECRET, { sub: "ada", iss: "https://a.example" })),
    await judge(await signWithSecret(SECRET, { sub: "ada", iss: "https://b.example" })),
  ];

  equal(new Set(verdicts.map((verdict) => "subject" in verdict && verdict.subject)).size, 4);
});

Deno.test("a subject cannot pass for that of a key, or for a caller without one", async () => {
  for (const sub of ["anonymous", "key_0123456789abcdef"]) {
    const verdict = await createJudge()(await signWithSecret(SECRET, { sub }));

    ok("subject" in verdict);
    notEqual(verdict.subject, sub);
  }
});

const terms = { secret: SECRET, issuer: "https://id.example", audience: "chatai" };
const good: Claims = { iss: "https://id.example", aud: "chatai" };
const accepted: readonly [what: string, claims: Claims][] = [
  ["for us among others", { aud: ["other", "chatai"] }],
  ["that expired 29 s ago", { exp: SECONDS - 29 }],
  ["that is valid in 30 s", { nbf: SECONDS + 30 }],
  ["that has long been valid", { nbf: 0, iat: 0 }],
];
for (const [what, claims] of accepted) {
  Deno.test(`a token ${what} is accepted`, async () => {
    const verdict = await createJudge(terms)(await signWithSecret(SECRET, { ...good, ...claims }));

    ok("subject" in verdict);
  });
}

const wrong: readonly [what: string, claims: Record<string, unknown>, failure: string][] = [
  ["that expired 30 s ago", { exp: SECONDS - 30 }, "token_expired"],
  ["without an expiry", { exp: undefined }, "token_expiry"],
  ["whose expiry is no number", { exp: "tomorrow" }, "token_expiry"],
  ["that is valid in 31 s", { nbf: SECONDS + 31 }, "token_not_yet_valid"],
  ["of another issuer", { iss: "https://id.example.evil.example" }, "token_issuer"],
  ["of no issuer", { iss: undefined }, "token_issuer"],
  ["for another audience", { aud: "chatai2" }, "token_audience"],
  ["for no audience", { aud: undefined }, "token_audience"],
  ["without a subject", { sub: undefined }, "token_subject"],
  ["with an empty subject", { sub: "" }, "token_subject"],
  ["whose subject is a number", { sub: 7 }, "token_subject"],
];
for (const [what, claims, failure] of wrong) {
  Deno.test(`a token ${what} is refused as ${failure}`, async () => {
    const token = await signWithSecret(SECRET, { ...good, ...claims } as Claims);

    deepEqual(await createJudge(terms)(token), { failure });
  });
}

Deno.test("a token that another secret has signed is refused", async () => {
  const token = await signWithSecret("another secret of thirty-two bytes");

  deepEqual(await createJudge()(token), { failure: "token_signature" });
});

Deno.test("a token whose claims were changed after it was signed is refused", async () => {
  const [header, , signature] = (await signWithSecret(SECRET)).split(".");
  const claims = base64url.encode(JSON.stringify({ sub: "eve", exp: SECONDS + 60 }));

  deepEqual(await createJudge()(`${header}.${claims}.${signature}`), {
    failure: "token_signature",
  });
});

Deno.test("alg: none is refused, whatever case it is in and whatever signature follows", async () => {
  const judge = createJudge();
  const unsigned = new UnsecuredJWT({ sub: "ada", exp: SECONDS + 60 }).encode();
  const [, claims] = unsigned.split(".");
  const [, , signature] = (await signWithSecret(SECRET)).split(".");

  deepEqual(await judge(unsigned), { failure: "token_algorithm" });
  for (const alg of ["none", "None", "NONE", "", 0, null]) {
    const header = base64url.encode(JSON.stringify({ alg }));
    deepEqual(await judge(`${header}.${claims}.`), { failure: "token_algorithm" });
    deepEqual(await judge(`${header}.${claims}.${signature}`), { failure: "token_algorithm" });
  }
});

Deno.test("other algorithms of secrets are refused, though the secret is right", async () => {
  const claims = { sub: "ada", exp: SECONDS + 60 };
  const long = "a secret of sixty-four bytes ".repeat(3);
  const token = await new SignJWT(claims).setProtectedHeader({ alg: "HS512" })
    .sign(new TextEncoder().encode(long));

  deepEqual(await createJudge({ secret: long })(token), { failure: "token_algorithm" });
});

Deno.test("an extension that a token calls critical is refused, since it is not understood", async () => {
  const token = await new SignJWT({ sub: "ada", exp: SECONDS + 60 })
    .setProtectedHeader({ alg: "HS256", crit: ["x"], x: 1 })
    .sign(new TextEncoder().encode(SECRET), { crit: { x: true } });

  deepEqual(await createJudge()(token), { failure: "token_malformed" });
});

for (const token of ["a.b.c", "e30.e30.e30", "..", "eyJhbGciOiJIUzI1NiJ9.!.x", "a.b.c.d.e"]) {
  Deno.test(`${token} is refused`, async () => {
    ok("failure" in await createJudge()(token));
  });
}

for (const alg of ["RS256", "RS512", "ES256", "ES384", "EdDSA"]) {
  Deno.test(`a token signed by ${alg} is accepted if its key is in the set`, async () => {
    const key = await makeSigningKey("1", alg);
    await using issuer = startIssuer(key);

    const verdict = await createJudge({ jwksUrl: issuer.url })(await key.sign());

    ok("subject" in verdict);
  });
}

Deno.test("a token of RSA is refused where only a secret is set, and nothing is asked for", async () => {
  const key = await makeSigningKey("1", "RS256");

  deepEqual(await createJudge()(await key.sign()), { failure: "token_algorithm" });
});

Deno.test("a public key is no secret: an HS256 token signed with it is refused", async () => {
  const key = await makeSigningKey("1", "RS256");
  const publicKey = await importJWK(key.jwk);
  ok(publicKey instanceof CryptoKey);
  await using issuer = startIssuer(key);
  const forged = [
    await signWithSecret(await exportSPKI(publicKey)),
    await signWithSecret(JSON.stringify(key.jwk)),
    await signWithSecret(base64url.decode(key.jwk.n!)),
  ];

  const keySet = createJudge({ jwksUrl: issuer.url });
  const both = createJudge({ jwksUrl: issuer.url, secret: SECRET });

  for (const token of forged) {
    deepEqual(await keySet(token), { failure: "token_algorithm" });
    deepEqual(await both(token), { failure: "token_signature" });
  }
});

Deno.test("a secret in the key set signs nothing", async () => {
  await using issuer = startIssuer();
  const k = base64url.encode(SECRET);
  issuer.answer(() => Response.json({ keys: [{ kty: "oct", k, kid: "1", alg: "HS256" }] }));

  deepEqual(await createJudge({ jwksUrl: issuer.url })(await signWithSecret(SECRET)), {
    failure: "token_algorithm",
  });
});

Deno.test("tokens of a secret and of a key set are accepted side by side, each by its own key", async () => {
  const key = await makeSigningKey("1");
  await using issuer = startIssuer(key);
  const judge = createJudge({ secret: SECRET, jwksUrl: issuer.url });

  const verdicts = [await judge(await signWithSecret(SECRET)), await judge(await key.sign())];

  ok(verdicts.every((verdict) => "subject" in verdict));
});

Deno.test("a key that a token brings along, or points to, is not used", async () => {
  const { jwk } = await makeSigningKey("1");
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  await using issuer = startIssuer({ jwk, sign: () => Promise.resolve("") });
  await using other = startIssuer(await makeSigningKey("2"));
  const token = await new SignJWT({ sub: "ada", exp: SECONDS + 60 })
    .setProtectedHeader({ alg: "ES256", kid: "1", jwk: await exportJWK(publicKey), jku: other.url })
    .sign(privateKey);

  deepEqual(await createJudge({ jwksUrl: issuer.url })(token), { failure: "token_signature" });
  equal(other.requests, 0);
});

Deno.test("tokens are told from keys by their looks", async () => {
  ok(isToken(await signWithSecret(SECRET)));
  ok(isToken(new UnsecuredJWT({}).encode()));
  for (const key of ["", "key", "sk-1", "a.b", "a.b.c.d", "a b.c.d"]) equal(isToken(key), false);
});
