import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import type { AppOptions } from "@/server/app.ts";
import { createTestApp } from "./test_app.ts";

async function ask(path: string, init: RequestInit = {}, options: Partial<AppOptions> = {}) {
  const app = createTestApp(options);
  return await app(new Request(`http://127.0.0.1:8000${path}`, init));
}

const loading: AppOptions["readiness"] = {
  enginesLoaded() {},
  drain() {},
  missing: () => Promise.resolve(["the engines are loading"]),
};

Deno.test("/health answers as long as the process lives, ready or not", async () => {
  const response = await ask("/health", {}, { readiness: loading });

  equal(response.status, 200);
  deepEqual(await response.json(), { status: "alive" });
});

Deno.test("/ready answers 200 once nothing is missing", async () => {
  equal((await ask("/ready")).status, 200);
});

Deno.test("/ready answers 503 with what is missing", async () => {
  const response = await ask("/ready", {}, { readiness: loading });

  equal(response.status, 503);
  deepEqual(await response.json(), {
    error: {
      type: "server_error",
      code: "not_ready",
      message: "Not ready: the engines are loading.",
      param: null,
    },
  });
});

Deno.test("/v1/realtime leads to the realtime endpoint, its response untouched", async () => {
  const answer = new Response("realtime");

  const response = await ask("/v1/realtime?model=x", {}, {
    realtime: () => Promise.resolve(answer),
  });

  equal(response, answer);
  equal(response.headers.has("content-security-policy"), false);
});

Deno.test("/v1/realtime tells callers when to come back while the server is not ready", async () => {
  const response = await ask("/v1/realtime", {}, { readiness: loading });

  equal(response.status, 503);
  match(response.headers.get("retry-after") ?? "", /^\d+$/);
});

Deno.test("the page comes with a strict policy that still lets it use the microphone", async () => {
  const response = await ask("/");

  equal(await response.text(), "page");
  const policy = response.headers.get("content-security-policy") ?? "";
  match(policy, /default-src 'none'/);
  match(policy, /script-src 'self'/);
  equal(/unsafe|\*|https?:/.test(policy), false);
  match(response.headers.get("permissions-policy") ?? "", /microphone=\(self\)/);
  equal(response.headers.get("x-content-type-options"), "nosniff");
});

for (const path of ["/nothing", "/v1/nothing", "/src/main.ts", "/%2e%2e/deno.json"]) {
  Deno.test(`${path} is a 404 in OpenAI's shape`, async () => {
    const response = await ask(path);

    equal(response.status, 404);
    const { error } = await response.json();
    equal(error.type, "invalid_request_error");
    equal(error.code, "not_found");
    equal(error.param, null);
  });
}

for (const path of ["/", "/health", "/ready", "/v1/realtime"]) {
  Deno.test(`POST ${path} is a 405 in OpenAI's shape`, async () => {
    const response = await ask(path, { method: "POST", body: "{}" });

    equal(response.status, 405);
    equal(response.headers.get("allow"), "GET");
    equal((await response.json()).error.code, "method_not_allowed");
  });
}

Deno.test("a fault of ours is a 500 that tells no details", async () => {
  const response = await ask("/v1/realtime", {}, {
    realtime: () => Promise.reject(new Error("secret path /etc/x")),
  });

  equal(response.status, 500);
  const text = await response.text();
  equal(JSON.parse(text).error.code, "internal_error");
  equal(text.includes("secret"), false);
});

Deno.test("only the pages of listed origins may read answers", async () => {
  const init = { headers: { origin: "https://a.example" } };

  const closed = await ask("/health", init);
  const open = await ask("/health", init, { corsOrigins: ["https://a.example"] });

  equal(closed.headers.get("access-control-allow-origin"), null);
  equal(open.headers.get("access-control-allow-origin"), "https://a.example");
});
