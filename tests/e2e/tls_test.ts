import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { makeCertificate } from "../fakes/certificate.ts";
import { startServer } from "./server.ts";

Deno.test("with a certificate the server announces https, and serves pages over it and conversations over wss", async () => {
  await using tls = await makeCertificate();
  await using server = await startServer({ TLS_CERT: tls.certPath, TLS_KEY: tls.keyPath });
  using client = Deno.createHttpClient({ caCerts: [tls.cert] });

  const health = await fetch(`${server.url}/health`, { client });
  const socket = new WebSocket(server.realtime(), { ca: tls.cert });
  const [frame] = await once(socket, "message");
  const gone = once(socket, "close");
  socket.close();
  await gone;

  match(server.url, /^https:/);
  match(server.realtime(), /^wss:/);
  deepEqual(await health.json(), { status: "alive" });
  equal(JSON.parse(String(frame)).type, "session.created");
});

Deno.test("over HTTP/2, as browsers ask, pages of the server may do all that its callers may, and pages of other sites nothing", async () => {
  await using tls = await makeCertificate();
  await using server = await startServer({ TLS_CERT: tls.certPath, TLS_KEY: tls.keyPath });
  using client = Deno.createHttpClient({ caCerts: [tls.cert], http1: false });
  const remove = (origin: string) =>
    fetch(`${server.url}/v1/sessions/sess_none`, { client, method: "DELETE", headers: { origin } });

  const own = await remove(server.url);
  const foreign = await remove("https://a.example");

  equal(own.status, 404);
  equal((await own.json()).error.code, "session_not_found");
  equal(foreign.status, 403);
  equal((await foreign.json()).error.code, "origin_not_allowed");
});
