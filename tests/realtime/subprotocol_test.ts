import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { WebSocket as WsWebSocket } from "ws";
import { type RealtimeServer, serveRealtime, TestClient } from "./realtime_server.ts";
import { oneKey } from "../fakes/one_key.ts";

const SDK = ["realtime", "openai-insecure-api-key.secret", "openai-agents-sdk.0.20.0"];

function serveWithKey(): RealtimeServer {
  return serveRealtime({ identify: oneKey("secret", "me") });
}

/** Connects with the `ws` package and says which subprotocol it got, or why it failed. */
function connectWs(
  url: string,
  protocols: string[],
  headers: Record<string, string> = {},
): Promise<string> {
  const socket = new WsWebSocket(url, protocols, { headers });
  return new Promise((resolve) => {
    let outcome = "";
    socket.on("open", () => {
      outcome = socket.protocol;
      socket.close();
    });
    socket.on("error", (error: Error) => outcome = error.message);
    socket.on("close", () => resolve(outcome));
  });
}

Deno.test("Deno's WebSocket with a list of subprotocols gets `realtime`", async () => {
  await using server = serveWithKey();
  const client = new TestClient(server.url, SDK);

  await client.event("session.created");

  equal(client.socket.protocol, "realtime");
  await client.close();
});

Deno.test("ws, which writes the list without spaces, gets `realtime`", async () => {
  await using server = serveWithKey();

  equal(await connectWs(server.url, SDK), "realtime");
});

Deno.test("ws with a key in a header and no subprotocol gets none", async () => {
  await using server = serveWithKey();

  equal(await connectWs(server.url, [], { authorization: "Bearer secret" }), "");
  equal(await connectWs(server.url, [], { "api-key": "secret" }), "");
});

Deno.test("ws that offers only other subprotocols gets the first of them", async () => {
  await using server = serveRealtime();

  equal(await connectWs(server.url, ["chat", "other"]), "chat");
});

Deno.test("ws sees the status of each refusal", async () => {
  await using server = serveWithKey();
  const authorization = "Bearer secret";

  const outcomes = [
    await connectWs(server.url, ["realtime", "openai-insecure-api-key.wrong"]),
    await connectWs(server.url, [], { authorization, origin: "https://evil.example" }),
    await connectWs(`${server.url}?call_id=x`, [], { authorization }),
  ];

  deepEqual(outcomes.map((outcome) => /\d{3}/.exec(outcome)?.[0]), ["401", "403", "404"]);
  match(outcomes[0]!, /Unexpected server response/);
});
