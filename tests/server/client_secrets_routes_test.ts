import { deepStrictEqual as deepEqual, match, rejects } from "node:assert/strict";
import { strictEqual as equal } from "node:assert/strict";
import OpenAI from "openai";
import type { SessionCreateParams } from "openai/resources/beta/realtime/sessions";
import type { ClientSecretCreateParams } from "openai/resources/realtime/client-secrets";
import { createAuthentication } from "@/server/auth/authentication.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";
import { clientSecretsRoutes } from "@/server/client_secrets_routes.ts";
import { digestOf } from "./auth/digest_of.ts";
import { createOpenAI, createTestApp } from "./test_app.ts";

const kv = await Deno.openKv(":memory:");
const secrets = createClientSecrets(kv, { now: () => 1_000_000 });
const { authorise } = createAuthentication({
  auth: { keyDigests: [digestOf("right")], tokens: undefined },
  secrets,
});
const owner = await authorise("right");
const app = createTestApp({
  authorise,
  routes: clientSecretsRoutes({
    secrets,
    defaults: () => Promise.resolve({ model: "chatai", instructions: "Be kind.", voice: "slt" }),
    maxMinutes: 5,
    now: () => 1_000_000,
  }),
});
const client = createOpenAI(app, "right");

Deno.test("openai.realtime.clientSecrets.create() of nothing makes a key for ten minutes, with the defaults", async () => {
  const { value, expires_at, session } = await client.realtime.clientSecrets.create({});

  match(value, /^ek_/);
  equal(expires_at, 1600);
  equal(session.type, "realtime");
  equal(session.expires_at, 1300);
  match(session.type === "realtime" ? session.id : "", /^sess_/);
  equal(session.type === "realtime" && session.instructions, "Be kind.");
  equal(session.type === "realtime" && session.model, "chatai");
  equal(session.audio?.input?.turn_detection?.type, "server_vad");
});

Deno.test("openai.realtime.clientSecrets.create() binds the key to its maker and its settings, and shows them", async () => {
  const { value, expires_at, session } = await client.realtime.clientSecrets.create({
    expires_after: { anchor: "created_at", seconds: 7200 },
    session: {
      type: "realtime",
      model: "gpt-realtime",
      instructions: "Be brief.",
      audio: { output: { voice: "awb" } },
    },
  });

  equal(expires_at, 8200);
  equal(session.type === "realtime" && session.instructions, "Be brief.");
  equal(session.type === "realtime" && session.model, "gpt-realtime");
  equal(session.type === "realtime" && session.audio?.output?.voice, "awb");
  const found = await secrets.find(value);
  deepEqual({ subject: found?.subject }, owner);
  deepEqual(found?.session, {
    type: "realtime",
    model: "gpt-realtime",
    instructions: "Be brief.",
    audio: { output: { voice: "awb" } },
  });
});

function toolOf(length: number) {
  return { type: "function", name: "f", description: "x".repeat(length) };
}

const refusals: readonly [what: string, body: unknown, code: string, param: string][] = [
  ["9 s", { expires_after: { seconds: 9 } }, "invalid_value", "expires_after.seconds"],
  ["7201 s", { expires_after: { seconds: 7201 } }, "invalid_value", "expires_after.seconds"],
  ["half a second", { expires_after: { seconds: 10.5 } }, "invalid_value", "expires_after.seconds"],
  ["another anchor", { expires_after: { anchor: "now" } }, "invalid_value", "expires_after.anchor"],
  [
    "a session without a type",
    { session: { instructions: "x" } },
    "missing_required_parameter",
    "session.type",
  ],
  [
    "an unknown turn detection",
    { session: { type: "realtime", audio: { input: { turn_detection: { type: "ears" } } } } },
    "invalid_value",
    "session.audio.input.turn_detection.type",
  ],
  [
    "a tool that is not served",
    { session: { type: "realtime", tools: [{ type: "mcp", server_label: "x" }] } },
    "unsupported",
    "session.tools[0].type",
  ],
  [
    "instructions of more than 256 KiB",
    { session: { type: "realtime", instructions: "x".repeat(262_145) } },
    "invalid_value",
    "session.instructions",
  ],
  [
    "tools of more than 256 KiB",
    { session: { type: "realtime", tools: Array(2).fill(toolOf(131_072)) } },
    "invalid_value",
    "session.tools",
  ],
];
for (const [what, body, code, param] of refusals) {
  Deno.test(`openai.realtime.clientSecrets.create() refuses ${what}, and names it`, async () => {
    await rejects(
      client.realtime.clientSecrets.create(body as ClientSecretCreateParams),
      (error) => {
        deepEqual(
          error instanceof OpenAI.BadRequestError && [error.code, error.param],
          [code, param],
        );
        return true;
      },
    );
  });
}

const MANY_TOOLS = JSON.stringify({ session: { type: "realtime", tools: Array(10_001).fill(0) } });

for (
  const [body, code] of [
    ["{", "invalid_json"],
    ["[]", "invalid_event"],
    [MANY_TOOLS, "invalid_event"],
  ] as const
) {
  Deno.test(`a body of ${body.slice(0, 50)} is refused as ${code}`, async () => {
    const response = await app(
      new Request("http://127.0.0.1:8000/v1/realtime/client_secrets", {
        method: "POST",
        headers: { authorization: "Bearer right" },
        body,
      }),
    );

    equal(response.status, 400);
    equal((await response.json()).error.code, code);
  });
}

Deno.test("a client secret makes no other", async () => {
  const { value } = await client.realtime.clientSecrets.create({});

  await rejects(
    createOpenAI(app, value).realtime.clientSecrets.create({}),
    (error) => error instanceof OpenAI.AuthenticationError && /client secret/.test(error.message),
  );
});

Deno.test("openai.beta.realtime.sessions.create() makes a key in the beta dialect", async () => {
  const session = await client.beta.realtime.sessions.create({
    modalities: ["text"],
    voice: "awb",
    turn_detection: { type: "semantic_vad", eagerness: "high" },
    client_secret: { expires_after: { anchor: "created_at", seconds: 20 } },
  });

  deepEqual(session.modalities, ["text"]);
  equal(session.voice, "awb");
  equal(session.instructions, "Be kind.");
  equal(session.input_audio_format, "pcm16");
  equal(session.client_secret.expires_at, 1020);
  const found = await secrets.find(session.client_secret.value);
  deepEqual({ subject: found?.subject }, owner);
  deepEqual(found?.session.output_modalities, ["text"]);
  deepEqual(found?.session.audio?.input?.turn_detection?.type, "semantic_vad");
});

for (
  const [body, param] of [
    [{ modalities: ["audio"] }, "modalities"],
    [{ turn_detection: { type: "ears" } }, "turn_detection.type"],
    [{ client_secret: { expires_after: { seconds: 1 } } }, "client_secret.expires_after.seconds"],
  ] as const
) {
  Deno.test(`openai.beta.realtime.sessions.create() refuses ${JSON.stringify(body)}`, async () => {
    await rejects(
      client.beta.realtime.sessions.create(body as unknown as SessionCreateParams),
      (error) => error instanceof OpenAI.BadRequestError && error.param === param,
    );
  });
}
