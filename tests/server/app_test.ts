import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
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

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

Deno.test("/v1/realtime leads to the realtime endpoint, the response of an upgrade untouched", async () => {
  const answer = new Response("realtime");
  const headers = { ...upgrade, origin: "https://a.example" };

  const response = await ask("/v1/realtime?model=x", { headers }, {
    realtime: () => Promise.resolve(answer),
    corsOrigins: ["https://a.example"],
  });

  equal(response, answer);
  deepEqual([...response.headers.keys()], ["content-type", "x-request-id"]);
});

Deno.test("a page of a listed site may read why /v1/realtime refused it", async () => {
  const response = await ask("/v1/realtime", { headers: { origin: "https://a.example" } }, {
    realtime: () => Promise.resolve(new Response(null, { status: 401 })),
    corsOrigins: ["https://a.example"],
  });

  equal(response.status, 401);
  equal(response.headers.get("access-control-allow-origin"), "https://a.example");
});

Deno.test("/v1/realtime tells callers when to come back while the server is not ready", async () => {
  const response = await ask("/v1/realtime", { headers: upgrade }, { readiness: loading });

  equal(response.status, 503);
  match(response.headers.get("retry-after") ?? "", /^\d+$/);
});

Deno.test("the page comes with a policy that allows nothing but its own files and its server", async () => {
  const response = await ask("/");

  equal(await response.text(), "page");
  deepEqual(response.headers.get("content-security-policy")?.split("; ").toSorted(), [
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
  ]);
});

const secure: Readonly<Record<string, string>> = {
  "permissions-policy": "microphone=(self), camera=(), geolocation=()",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};
for (const [name, value] of Object.entries(secure)) {
  Deno.test(`pages, answers and refusals come with ${name}: ${value}`, async () => {
    for (const path of ["/", "/health", "/nothing"]) {
      equal((await ask(path)).headers.get(name), value);
    }
  });
}

for (
  const [name, own] of Object.entries({
    "localhost": true,
    "127.0.0.1": true,
    "[::1]": true,
    "evil.example": false,
    "localhost.evil.example": false,
    "127.0.0.1.evil.example": false,
    "192.168.1.4": false,
  })
) {
  Deno.test(`a server that only this machine may use ${own ? "answers" : "does not answer"} to the name ${name}`, async () => {
    const app = createTestApp({ hosts: "loopback" });

    for (const path of ["/", "/health", "/v1/realtime"]) {
      const response = await app(new Request(`http://${name}:8000${path}`, { headers: upgrade }));

      equal(response.status, own ? 200 : 403);
      const text = await response.text();
      if (!own) equal(JSON.parse(text).error.code, "host_not_allowed");
    }
  });
}

Deno.test("a call to what is no name is refused, and no fault of ours", async () => {
  const request = new Request("http://localhost/health");
  Object.defineProperty(request, "url", { value: "http://a b/health" }); // as Deno gives it

  const response = await createTestApp()(request);

  equal(response.status, 400);
  equal((await response.json()).error.code, "invalid_host");
  ok(response.headers.has("content-security-policy"));
});

Deno.test("a server that others may use answers to any name", async () => {
  const app = createTestApp({ hosts: "any" });

  equal((await app(new Request("http://chat.example/health"))).status, 200);
});

Deno.test("browsers are told to stay with https where this process serves it, and only there", async () => {
  const plain = await ask("/", {}, { https: false });
  const secure = await ask("/", {}, { https: true });

  equal(plain.headers.has("strict-transport-security"), false);
  equal(secure.headers.get("strict-transport-security"), "max-age=31536000");
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

Deno.test("what fails since the server ends is a 503", async () => {
  let missing: string[] = [];
  const response = await ask("/v1/realtime", {}, {
    readiness: { enginesLoaded() {}, drain() {}, missing: () => Promise.resolve(missing) },
    realtime: () => {
      missing = ["the server is shutting down"];
      return Promise.reject(new Error("ended"));
    },
  });

  equal(response.status, 503);
  equal((await response.json()).error.code, "not_ready");
});

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

Deno.test("every answer has an id: the caller's if it is one, else one of ours", async () => {
  const idOf = async (brought: string, path = "/health") => {
    const response = await ask(path, { headers: { "x-request-id": brought } });
    await response.body?.cancel();
    return response.headers.get("x-request-id") ?? "";
  };

  equal(await idOf("0af7-65:19.cd_b"), "0af7-65:19.cd_b");
  equal(await idOf("one", "/no/such/path"), "one");
  match(await idOf(""), /^[\w-]{36}$/);
  for (const insane of ["two words", "x".repeat(101), "<b>", "é"]) {
    match(await idOf(insane), /^[\w-]{36}$/);
  }
});
