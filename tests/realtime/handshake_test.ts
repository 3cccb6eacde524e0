import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { type Handshake, type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
import { oneKey } from "../fakes/one_key.ts";

const OPEN: HandshakePolicy = { identify: () => ({ subject: "anonymous" }), corsOrigins: [] };
const KEYED: HandshakePolicy = {
  identify: oneKey("secret", "owner"),
  corsOrigins: ["https://app.example"],
};

function upgradeRequest(headers: Record<string, string> = {}, query = "?model=m"): Request {
  return new Request(`http://server.example/v1/realtime${query}`, {
    headers: {
      connection: "keep-alive, Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "AAAA",
      "sec-websocket-version": "13",
      ...headers,
    },
  });
}

async function accepted(request: Request, policy = OPEN): Promise<Handshake> {
  const handshake = await readHandshake(request, policy);
  ok(!(handshake instanceof Response));
  return handshake;
}

async function refused(request: Request, policy = OPEN) {
  const response = await readHandshake(request, policy);
  ok(response instanceof Response);
  const { error } = await response.json();
  return { status: response.status, code: error.code, error };
}

Deno.test("a client that asks for nothing special gets the protocol as it is", async () => {
  deepEqual(await accepted(upgradeRequest()), {
    subject: "anonymous",
    dialect: "ga",
    model: "m",
    resume: undefined,
    type: "realtime",
    session: undefined,
    protocol: undefined,
    binaryAudio: false,
    partials: false,
    metrics: false,
  });
});

Deno.test("the query opts into our extensions, and its unknown keys are ignored", async () => {
  const query =
    "?audio=binary&partials=1&metrics=1&session=sess_1&intent=transcription&model=x%20y&foo=1";

  deepEqual(await accepted(upgradeRequest({}, query)), {
    subject: "anonymous",
    dialect: "ga",
    model: "x y",
    resume: "sess_1",
    type: "transcription",
    session: undefined,
    protocol: undefined,
    binaryAudio: true,
    partials: true,
    metrics: true,
  });
});

for (
  const [where, headers] of [
    ["Authorization", { authorization: "Bearer secret" }],
    ["Authorization of any case", { authorization: "bearer  secret" }],
    ["api-key", { "api-key": "secret" }],
    ["a list of subprotocols", {
      "sec-websocket-protocol":
        "realtime, openai-insecure-api-key.secret, openai-agents-sdk.0.20.0",
    }],
    ["a list of subprotocols without spaces", {
      "sec-websocket-protocol": "realtime,openai-insecure-api-key.secret",
    }],
  ] as const
) {
  Deno.test(`the key is found in ${where}`, async () => {
    const { subject } = await accepted(upgradeRequest(headers), KEYED);

    equal(subject, "owner");
  });
}

for (
  const [where, headers] of [
    ["Authorization", { authorization: "Bearer " }],
    ["api-key", { "api-key": "" }],
    ["a list of subprotocols", {
      "sec-websocket-protocol": "realtime, openai-insecure-api-key.",
    }],
  ] as const
) {
  Deno.test(`an empty key in ${where} is none`, async () => {
    const shown: unknown[] = [];
    const identify = (credential: string | undefined) => {
      shown.push(credential);
      return { subject: "anonymous" };
    };

    await accepted(upgradeRequest(headers), { identify, corsOrigins: [] });

    deepEqual(shown, [undefined]);
  });
}

Deno.test("an empty key in a header does not hide the one among the subprotocols", async () => {
  const headers = {
    "api-key": "",
    "sec-websocket-protocol": "realtime, openai-insecure-api-key.secret",
  };

  const { subject } = await accepted(upgradeRequest(headers), KEYED);

  equal(subject, "owner");
});

for (
  const [what, headers, query] of [
    ["no key", {}, ""],
    ["a wrong key", { authorization: "Bearer wrong" }, ""],
    ["a key in the query", {}, "?api_key=secret&key=secret&api-key=secret"],
    ["a token in the query", {}, "?token=secret&access_token=secret&authorization=secret"],
    ["another scheme", { authorization: "Basic secret" }, ""],
    ["an empty key", { "sec-websocket-protocol": "realtime, openai-insecure-api-key." }, ""],
  ] as const
) {
  Deno.test(`${what} is answered with 401`, async () => {
    const { status, error } = await refused(upgradeRequest(headers, query), KEYED);

    equal(status, 401);
    deepEqual({ ...error, message: "" }, {
      type: "invalid_request_error",
      code: "invalid_api_key",
      message: "",
      param: null,
    });
  });
}

for (
  const [offer, answer] of [
    [undefined, undefined],
    ["realtime", "realtime"],
    ["realtime,openai-insecure-api-key.x", "realtime"],
    ["openai-insecure-api-key.x, realtime", "realtime"],
    ["chat, other", "chat"],
    ["", undefined],
    [" , ", undefined],
  ] as const
) {
  Deno.test(`the subprotocols ${JSON.stringify(offer)} are answered with ${answer}`, async () => {
    const headers = offer === undefined ? {} : { "sec-websocket-protocol": offer };

    const { protocol } = await accepted(upgradeRequest(headers));

    equal(protocol, answer);
  });
}

for (
  const [what, request] of [
    ["a plain GET", new Request("http://server.example/v1/realtime")],
    ["a POST", new Request("http://server.example/v1/realtime", { method: "POST" })],
    ["an upgrade to something else", upgradeRequest({ upgrade: "h2c" })],
    ["an upgrade of a version that never was", upgradeRequest({ "sec-websocket-version": "99" })],
    ["an upgrade without Connection", upgradeRequest({ connection: "close" })],
  ] as const
) {
  Deno.test(`${what} is answered with 426`, async () => {
    const { status, code } = await refused(request);

    deepEqual([status, code], [426, "upgrade_required"]);
  });
}

Deno.test("a plain request with a wrong key is told so, for browsers to ask why they failed", async () => {
  const request = new Request("http://server.example/v1/realtime");

  equal((await refused(request, KEYED)).status, 401);
});

for (
  const origin of ["https://server.example", "http://server.example", "https://app.example"]
) {
  Deno.test(`a page of ${origin} may connect`, async () => {
    await accepted(upgradeRequest({ origin, authorization: "Bearer secret" }), KEYED);
  });
}

for (
  const origin of ["https://evil.example", "https://server.example.evil.example", "null", "%"]
) {
  Deno.test(`a page of ${origin} is refused with 403, whatever its key`, async () => {
    const request = upgradeRequest({ origin, authorization: "Bearer secret" });

    deepEqual((await refused(request, KEYED)).status, 403);
  });
}

Deno.test("pages of all origins may connect where the operator says so", async () => {
  await accepted(upgradeRequest({ origin: "https://any.example" }), { ...OPEN, corsOrigins: "*" });
});

Deno.test("the port belongs to the origin", async () => {
  const request = upgradeRequest({ origin: "http://server.example:8001" });

  equal((await refused(request)).status, 403);
});

Deno.test("a call of SIP or WebRTC is not found", async () => {
  deepEqual((await refused(upgradeRequest({}, "?call_id=rtc_1"))).status, 404);
});

for (
  const [headers, dialect] of [
    [{ "openai-beta": "realtime=v1" }, "beta"],
    [{ "openai-beta": "assistants=v2, realtime=v1" }, "beta"],
    [{ "openai-beta": "assistants=v2" }, "ga"],
    [{ "sec-websocket-protocol": "realtime,openai-beta.realtime-v1" }, "beta"],
    [{ "sec-websocket-protocol": "realtime, openai-insecure-api-key.x" }, "ga"],
  ] as const
) {
  Deno.test(`a client with ${JSON.stringify(headers)} speaks ${dialect}`, async () => {
    equal((await accepted(upgradeRequest(headers))).dialect, dialect);
  });
}

Deno.test("a key that was made for a session brings its settings along", async () => {
  const session = { type: "realtime", instructions: "Be brief." } as const;
  const policy: HandshakePolicy = {
    ...OPEN,
    identify: (key) => key === "ek_1" ? { subject: "owner", session } : Response.error(),
  };
  const request = upgradeRequest({
    "sec-websocket-protocol": "realtime, openai-insecure-api-key.ek_1",
  });

  const handshake = await accepted(request, policy);

  equal(handshake.subject, "owner");
  deepEqual(handshake.session, session);
});
