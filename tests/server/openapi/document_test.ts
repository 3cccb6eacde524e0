import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { loadConfig } from "@/config.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { CLIENT_EVENTS } from "@/realtime/client_events.ts";
import { SERVER_EVENTS } from "@/realtime/server_events.ts";
import { createClientSecrets } from "@/server/client_secrets.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { createLimits } from "@/server/limits/limits.ts";
import { createRoutes } from "@/server/routes.ts";
import { createTestApp } from "../test_app.ts";
import { oneKey } from "../../fakes/one_key.ts";

using kv = await Deno.openKv(":memory:");
const config = loadConfig({}, KNOWN_ENGINES);
const routes = createRoutes({
  config,
  limits: createLimits(config.limits, kv),
  engines: new Promise(() => {}),
  secrets: createClientSecrets(kv),
  store: createKvSessionStore(kv, { ttlHours: 1 }),
  stopping: new AbortController().signal,
});
const app = createTestApp({ routes, authorise: oneKey("right", "somebody") });
const response = await app(new Request("http://127.0.0.1:8000/openapi.json"));
// deno-lint-ignore no-explicit-any -- a test reads any field of the document
const document: any = await response.json();
const { schemas } = document.components;

Deno.test("/openapi.json is there for everybody, and is valid OpenAPI 3.1", async () => {
  const validator = new Validator();

  const result = await validator.validate(structuredClone(document));

  equal(response.status, 200);
  ok(result.valid, JSON.stringify(result.errors, null, 2));
  equal(validator.version, "3.1");
});

Deno.test("what makes an engine work counts as a turn, a key for sessions as a connection, and both say that they may be refused as one too many", () => {
  const counted = Object.keys(document.paths).filter((path) =>
    document.paths[path].post?.responses[429] !== undefined
  );

  deepEqual(counted.toSorted(), [
    "/v1/audio/speech",
    "/v1/audio/transcriptions",
    "/v1/realtime/client_secrets",
    "/v1/realtime/sessions",
  ]);
});

Deno.test("every reference in /openapi.json leads somewhere", () => {
  const refs = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map(([, path = ""]) => path);

  const dangling = refs.filter((path) =>
    path.split("/").reduce((node, key) => node?.[key], document) === undefined
  );

  ok(refs.length > 50);
  deepEqual(dangling, []);
});

Deno.test("/openapi.json describes every route, conversations among them", () => {
  const described = Object.entries<object>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
  );

  deepEqual(
    described.toSorted(),
    [
      ...routes.map(({ method, path }) => `${method} ${path}`),
      "GET /health",
      "GET /ready",
      "GET /v1/realtime",
    ].toSorted(),
  );
});

Deno.test("/openapi.json has a schema of every event, and says what it means", () => {
  for (
    const [side, table] of [["ClientEvent", CLIENT_EVENTS], ["ServerEvent", SERVER_EVENTS]] as const
  ) {
    const types = Object.keys(table);

    deepEqual(Object.keys(schemas[side].discriminator.mapping), types);
    for (const type of types) {
      const schema = schemas[`${side}.${type}`];
      equal(schema.properties.type.const, type);
      ok(schema.description.length > 5, type);
    }
  }
});

Deno.test("the schemas in /openapi.json are those that validate", () => {
  const body = document.paths["/v1/realtime/client_secrets"].post.requestBody.content;
  const name = body["application/json"].schema.$ref.split("/").at(-1);
  const [expiry] = schemas[name].properties.expires_after.anyOf;

  deepEqual(
    [
      expiry.properties.seconds.minimum,
      expiry.properties.seconds.maximum,
      expiry.properties.seconds.default,
    ],
    [10, 7200, 600],
  );
  equal(expiry.required, undefined);
  deepEqual(schemas["ClientEvent.conversation.item.delete"].required, ["type", "item_id"]);
  deepEqual(schemas["ServerEvent.response.done"].properties.response, {
    $ref: "#/components/schemas/Response",
  });
});

Deno.test("/openapi.json says where a key is needed, and how a refusal looks", () => {
  const models = document.paths["/v1/models"].get;

  deepEqual(models.security, [{ key: [] }, {}]);
  deepEqual(Object.keys(models.responses), ["200", "401", "403", "503"]);
  equal(document.paths["/health"].get.security, undefined);
  equal(schemas.Error.properties.error.properties.param.type.includes("null"), true);
});
