import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { z } from "zod";
import type { AppOptions } from "@/server/app.ts";
import type { Route } from "@/server/route.ts";
import { createRateLimiter } from "@/server/limits/rate_limiter.ts";
import { createTestApp } from "./test_app.ts";
import { oneKey } from "../fakes/one_key.ts";

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
async function ask(
  init: RequestInit,
  { query = "", ...options }: Partial<AppOptions> & { readonly query?: string } = {},
): Promise<Response> {
  const app = createTestApp({
    routes: [route],
    authorise: oneKey("right", "somebody"),
    ...options,
  });
  return await app(
    new Request(`http://127.0.0.1:8000/v1/things/a%20b${query}`, { method: "POST", ...init }),
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

for (const name of ["key", "api_key", "api-key", "token", "access_token", "authorization"]) {
  Deno.test(`a route below /v1 ignores a key in the query as ${name}: it would be in every log`, async () => {
    equal((await ask({}, { query: `?${name}=right` })).status, 401);
    equal((await ask({ headers: right }, { query: `?${name}=wrong` })).status, 200);
  });
}

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
  const own = await ask({ headers: { ...right, origin: "http://127.0.0.1:8000" } });
  const listed = await ask({ headers: { ...right, origin } }, { corsOrigins: [origin] });
  const all = await ask({ headers: { ...right, origin } }, { corsOrigins: "*" });

  deepEqual([own.status, listed.status, all.status], [200, 200, 200]);
  equal(listed.headers.get("access-control-allow-origin"), origin);
  equal(all.headers.get("access-control-allow-origin"), "*");
  match(listed.headers.get("vary") ?? "", /origin/i);
});

Deno.test("no page is answered with leave to send cookies, least of all any page", async () => {
  const preflight: RequestInit = {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  };
  for (const corsOrigins of ["*", [origin]] as const) {
    for (const init of [preflight, { headers: { ...right, origin } }]) {
      const response = await ask(init, { corsOrigins });

      equal(response.ok, true);
      equal(response.headers.has("access-control-allow-credentials"), false);
    }
  }
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
  match(response.headers.get("access-control-expose-headers") ?? "", /retry-after/);
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

Deno.test("a route that makes an engine work counts as a turn of its caller, and answers 429 when that is one too many", async () => {
  const asked: string[] = [];
  const limits = {
    callerOf: ({ subject }: { subject: string }) => `caller of ${subject}`,
    admitTurn: (caller: string) => () => {
      asked.push(caller);
      const allowed = asked.length <= 1;
      return Promise.resolve({ allowed, retryAfterSeconds: allowed ? 0 : 7, limits: [] });
    },
  };
  const options = { limits, routes: [{ ...route, countsAs: "turn" as const }] };

  const first = await ask({ headers: right }, options);
  const second = await ask({ headers: right }, options);
  const other = await ask({ headers: right }, { limits });

  deepEqual([first.status, second.status, other.status], [200, 429, 200]);
  equal(second.headers.get("retry-after"), "7");
  equal((await second.json()).error.code, "rate_limit_exceeded");
  deepEqual(asked, ["caller of somebody", "caller of somebody"]);
});

Deno.test("a route that opens a way to a session counts as a connection of its caller, and answers 429 when that is one too many", async () => {
  using kv = await Deno.openKv(":memory:");
  const connections = createRateLimiter(kv, { kind: "connections", perMinute: 1, now: () => 0 });
  const limits = {
    callerOf: ({ subject }: { subject: string }) => subject,
    admitTurn: () => undefined,
    connections,
  };
  const options = { limits, routes: [{ ...route, countsAs: "connection" as const }] };

  const first = await ask({ headers: right }, options);
  const second = await ask({ headers: right }, options);
  const other = await ask({ headers: right }, { limits });

  deepEqual([first.status, second.status, other.status], [200, 429, 200]);
  equal(second.headers.get("retry-after"), "60");
  equal((await second.json()).error.code, "rate_limit_exceeded");
});
