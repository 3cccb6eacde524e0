import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { createAuthentication } from "@/server/auth/authentication.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { TestClient } from "../realtime/realtime_server.ts";
import { digestOf } from "../server/auth/digest_of.ts";
import { makeSigningKey, NOW, signWithSecret, startIssuer } from "../server/auth/issuer.ts";
import { startServer } from "./server.ts";

const SECRET = "a secret of thirty-two bytes, no less";

/** In an hour of the real clock, by which a server in a process of its own goes. */
const exp = Math.floor(Date.now() / 1000) + 3600;

/** Connects as a page does, which can send a credential as a subprotocol alone. */
function connect(url: string, credential: string): TestClient {
  return new TestClient(url, ["realtime", `openai-insecure-api-key.${credential}`]);
}

/** A plain request, as programs make it. */
function ask(url: string, credential: string, method = "GET"): Promise<Response> {
  return fetch(url, { method, headers: { authorization: `Bearer ${credential}` } });
}

Deno.test("a session belongs to its subject: nobody else reads, resumes or deletes it", async () => {
  const signing = await makeSigningKey("1");
  await using issuer = startIssuer(signing);
  await using server = await startServer({
    API_KEYS: `sha256:${digestOf("a-key")}`,
    JWT_SECRET: SECRET,
    JWKS_URL: issuer.url,
    JWT_AUDIENCE: "chatai",
  });
  const aud = "chatai";
  const callers: Readonly<Record<string, string>> = {
    ada: await signing.sign({ sub: "ada", aud, exp }),
    eve: await signWithSecret(SECRET, { sub: "eve", aud, exp }),
    key: "a-key",
  };
  const sessions: Record<string, string> = {};
  for (const [caller, credential] of Object.entries(callers)) {
    const client = connect(server.realtime(), credential);
    sessions[caller] = (await client.event("session.created")).session.id;
    await client.close();
  }

  for (const [owner, session] of Object.entries(sessions)) {
    const url = `${server.url}/v1/sessions/${session}`;
    for (const [caller, credential] of Object.entries(callers)) {
      const own = caller === owner;
      const client = connect(server.realtime({ session }), credential);
      const created = await client.event("session.created");
      await client.close();

      equal(created["chatai.resumed"] ?? false, own);
      equal(created.session.id === session, own);
      const read = await ask(url, credential);
      await read.body?.cancel();
      equal(read.status, own ? 200 : 404);
      if (own) continue;
      const deleted = await ask(url, credential, "DELETE");
      await deleted.body?.cancel();
      equal(deleted.status, 404);
    }
    const again = await signing.sign({ sub: "ada", aud, exp: exp + 60 });
    const deleted = await ask(url, owner === "ada" ? again : callers[owner]!, "DELETE");
    equal((await deleted.json()).deleted, true);
  }
});

Deno.test("who shows no right credential is refused, counted and logged, and never by the query", async () => {
  await using server = await startServer({ API_KEYS: "a-key", JWT_SECRET: SECRET });
  const token = await signWithSecret(SECRET, { sub: "ada", exp });
  const expired = await signWithSecret(SECRET, { exp: exp - 7200 });
  const realtime = server.realtime().replace("ws", "http");

  const answers = [
    await fetch(realtime),
    await ask(realtime, expired),
    await ask(`${server.url}/v1/models`, "wr0ng"),
    await fetch(
      server.realtime({ key: "a-key", token, access_token: token }).replace("ws", "http"),
    ),
    await fetch(`${server.url}/v1/models?key=a-key&token=${token}&api_key=a-key`),
  ];

  for (const answer of answers) {
    equal(answer.status, 401);
    equal(answer.headers.get("www-authenticate"), "Bearer");
    equal((await answer.json()).error.code, "invalid_api_key");
  }
  const metrics = await (await ask(`${server.url}/metrics`, token)).text();
  match(metrics, /^chatai_refusals_total\{reason="no_credentials"\} 3$/m);
  match(metrics, /^chatai_refusals_total\{reason="token_expired"\} 1$/m);
  match(metrics, /^chatai_refusals_total\{reason="key_unknown"\} 1$/m);
  const log = server.log();
  match(log, /Refused a caller: token_expired/);
  for (const secret of ["a-key", "wr0ng", ...token.split("."), ...expired.split(".")]) {
    ok(!log.includes(secret), secret);
  }
});

Deno.test("a token that expires ends no conversation that runs, but opens and resumes none", async () => {
  let now = NOW;
  const { identify } = createAuthentication({
    auth: {
      keyDigests: [],
      tokens: { secret: SECRET, jwksUrl: undefined, issuer: undefined, audience: undefined },
    },
    secrets: { find: () => Promise.resolve(undefined) },
    now: () => now,
  });
  await using server = await startFastServer({ identify });
  const token = await signWithSecret(SECRET, { exp: NOW / 1000 + 60 });
  const client = connect(server.url, token);
  const { session } = await client.event("session.created");

  now += 120_000;
  client.send({ type: "response.create", response: { output_modalities: ["text"] } });
  const { response } = await client.event("response.done");
  const address = server.url.replace("ws", "http");
  const opened = await ask(address, token);
  const resumed = await ask(`${address}?session=${session.id}`, token);
  await client.close();
  const renewed = connect(
    `${server.url}?session=${session.id}`,
    await signWithSecret(SECRET, { exp: now / 1000 + 60 }),
  );
  const created = await renewed.event("session.created");
  await renewed.close();

  equal(response.status, "completed");
  deepEqual([opened.status, resumed.status], [401, 401]);
  match((await opened.json()).error.message, /expired/);
  await resumed.body?.cancel();
  equal(created["chatai.resumed"], true);
  equal(created.session.id, session.id);
});
