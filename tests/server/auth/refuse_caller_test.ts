import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { createAuthentication } from "@/server/auth/authentication.ts";
import { refuseCaller } from "@/server/auth/refuse_caller.ts";
import { configureLogging } from "@/telemetry/logging.ts";
import { refusals } from "@/telemetry/metrics.ts";
import { digestOf } from "./digest_of.ts";
import { NOW, signWithSecret } from "./issuer.ts";

/** How often callers were refused for a reason. */
async function countOf(reason: string): Promise<number> {
  const { values } = await refusals.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

Deno.test("a refused caller is answered with 401 in OpenAI's shape, and told what to show", async () => {
  const response = refuseCaller("no_credentials");

  equal(response.status, 401);
  equal(response.headers.get("www-authenticate"), "Bearer");
  const { error } = await response.json();
  deepEqual({ ...error, message: "" }, {
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "",
    param: null,
  });
  match(error.message, /Authorization: Bearer/);
});

Deno.test("refusals are counted by reason", async () => {
  const [expired, unknown] = [await countOf("token_expired"), await countOf("key_unknown")];

  refuseCaller("token_expired");
  refuseCaller("token_expired");
  refuseCaller("key_unknown");

  equal(await countOf("token_expired"), expired + 2);
  equal(await countOf("key_unknown"), unknown + 1);
});

Deno.test("the log says at info why a caller was refused, and nothing of what it showed", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const written = new Response(readable).text();
  const logging = await configureLogging({
    levels: { all: "debug", categories: {} },
    format: "json",
    output: writable,
  });
  const { authorise, identify } = createAuthentication({
    auth: {
      keyDigests: [digestOf("right")],
      tokens: {
        secret: "a secret of thirty-two bytes, no less",
        jwksUrl: undefined,
        issuer: undefined,
        audience: undefined,
      },
    },
    secrets: { find: () => Promise.resolve(undefined) },
    now: () => NOW,
  });
  const shown = [
    "wr0ng-key",
    "ek_wr0ng",
    await signWithSecret("another secret of thirty-two bytes", { sub: "secret-name" }),
  ];

  for (const credential of shown) {
    await authorise(credential);
    await identify(credential);
  }
  await logging[Symbol.asyncDispose]();
  await writable.close();

  const log = await written;
  const lines = log.trim().split("\n").map((line) => JSON.parse(line));
  deepEqual(lines.map(({ level, properties }) => [level, properties.reason]), [
    ["INFO", "key_unknown"],
    ["INFO", "key_unknown"],
    ["INFO", "secret_misplaced"],
    ["INFO", "secret_unknown"],
    ["INFO", "token_signature"],
    ["INFO", "token_signature"],
  ]);
  for (const part of shown.flatMap((credential) => credential.split("."))) {
    ok(!log.includes(part), part);
  }
});
