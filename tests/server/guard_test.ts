import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { z } from "zod";
import type { AppOptions } from "@/server/app.ts";
import type { Route } from "@/server/route.ts";
import { createTestApp } from "./test_app.ts";

const origin = "https://a.example";

/** Says who asks for what. */
const route: Route = {
  method: "POST",
  path: "/v1/things/{thing}",
  summary: "Echoes.",
  response: { "application/json": z.unknown() },
  handle: async ({ request, params, subject }) =>
    Response.json({ subject, params, body: await request.text() }),
};

/** Asks a server whose one key is `right`. */
async function ask(init: RequestInit, options: Partial<AppOptions> = {}): Promise<Response> {
  const app = createTestApp({
    routes: [route],
    authorise: (key) => key === "right" ? "somebody" : undefined,
    ...options,
  });
  return await app(
    new Request("http://127.0.0.1:8000/v1/things/a%20b", { method: "POST", ...init }),
  );
}

const right = { authorization: "Bearer right" };

Deno.test("a route below /v1 answers to a right key, and knows whose it is", async () => {
  const response = await ask({ headers: right, body: "hello" });

  equal(response.status, 200);
  deepEqual(await response.json(), {
    subject: "somebody",
    params: { thing: "a b" },
    body: "hello",
  });
});

for (
  const headers of [{}, { authorization: "Bearer wrong" }, { authorization: "Basic right" }]
) {
  Deno.test(`a route below /v1 refuses ${JSON.stringify(headers)} with 401 in OpenAI's shape`, async () => {
    const response = await ask({ headers });

    equal(response.status, 401);
    equal(response.headers.get("www-authenticate"), "Bearer");
    const { error } = await response.json();
    equal(error.type, "invalid_request_error");
    equal(error.code, "invalid_api_key");
    equal(error.param, null);
  });
}

Deno.test("a route below /v1 refuses client secrets, even where everybody else may call", async () => {
  const open = { authorise: () => "anonymous" };

  equal((await ask({}, open)).status, 200);
  const refused = await ask({ headers: { authorization: "Bearer ek_1" } }, open);

  equal(refused.status, 401);
  match((await refused.json()).error.message, /client secret/);
});

Deno.test("a route below /v1 tells callers when to come back while the server is not ready", async () => {
  const missing = () => Promise.resolve(["the engines are loading"]);

  const response = await ask({ headers: right }, {
    readiness: { enginesLoaded() {}, drain() {}, missing },
  });

  equal(response.status, 503);
  match(response.headers.get("retry-after") ?? "", /^\d+$/);
});

Deno.test("a route below /v1 refuses pages of other sites, right key or not", async () => {
  const response = await ask({ headers: { ...right, origin } });

  equal(response.status, 403);
  equal((await response.json()).error.code, "origin_not_allowed");
});

Deno.test("a route below /v1 answers to the server's own page, and to those of listed sites", async () => {
  const headers = { ...right, host: "127.0.0.1:8000" };

  const own = await ask({ headers: { ...headers, origin: "http://127.0.0.1:8000" } });
  const listed = await ask({ headers: { ...headers, origin } }, { corsOrigins: [origin] });
  const all = await ask({ headers: { ...headers, origin } }, { corsOrigins: "*" });

  deepEqual([own.status, listed.status, all.status], [200, 200, 200]);
  equal(listed.headers.get("access-control-allow-origin"), origin);
  equal(all.headers.get("access-control-allow-origin"), "*");
});

Deno.test("the preflight of a listed site is answered without a key, for the headers that it asks", async () => {
  const preflight: RequestInit = {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-stainless-lang",
    },
  };

  const listed = await ask(preflight, { corsOrigins: [origin] });
  const other = await ask(preflight);

  equal(listed.status, 204);
  equal(listed.headers.get("access-control-allow-origin"), origin);
  match(listed.headers.get("access-control-allow-methods") ?? "", /POST.*DELETE/);
  match(listed.headers.get("access-control-allow-headers") ?? "", /authorization.*x-stainless/);
  equal(other.headers.get("access-control-allow-origin"), null);
});

Deno.test("a page of a listed site may read why it is refused", async () => {
  const response = await ask({ headers: { origin } }, { corsOrigins: [origin] });

  equal(response.status, 401);
  equal(response.headers.get("access-control-allow-origin"), origin);
});

Deno.test("a route takes bodies up to its limit, told or not, and refuses longer ones with 413", async () => {
  const body = "x".repeat(101);
  const streamed = () => ReadableStream.from([body]).pipeThrough(new TextEncoderStream());
  const enough = { routes: [{ ...route, maxBodyBytes: 101 }] };
  const short = { routes: [{ ...route, maxBodyBytes: 100 }] };

  equal((await ask({ headers: right, body }, enough)).status, 200);
  equal((await ask({ headers: right, body: streamed() }, enough)).status, 200);
  const told = await ask({ headers: { ...right, "content-length": "101" }, body }, short);
  const untold = await ask({ headers: right, body: streamed() }, short);

  equal(told.status, 413);
  equal(untold.status, 413);
  equal((await told.json()).error.code, "request_too_large");
  equal((await untold.json()).error.code, "request_too_large");
});

Deno.test("a path that answers to another method is a 405 that names it", async () => {
  const response = await ask({ method: "DELETE", headers: right });

  equal(response.status, 405);
  equal(response.headers.get("allow"), "POST");
});
