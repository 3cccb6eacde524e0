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
