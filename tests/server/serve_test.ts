import { match, rejects, strictEqual as equal, throws } from "node:assert/strict";
import { ConfigError } from "@/errors.ts";
import { serve } from "@/server/serve.ts";
import { makeCertificate } from "../fakes/certificate.ts";

const handler = () => new Response("hello");

Deno.test("serve() tells the port that the system chose", async () => {
  const server = serve({ host: "127.0.0.1", port: 0, handler });

  match(server.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  equal(await (await fetch(server.url)).text(), "hello");
  await server.shutdown();
});

Deno.test("serve() speaks https to those who trust its certificate, and no http", async () => {
  await using tls = await makeCertificate();
  const server = serve({ host: "127.0.0.1", port: 0, tls, handler });
  using client = Deno.createHttpClient({ caCerts: [tls.cert] });

  match(server.url, /^https:\/\/127\.0\.0\.1:[1-9]\d*$/);
  equal(await (await fetch(server.url, { client })).text(), "hello");
  await rejects(fetch(server.url), TypeError);
  await rejects(fetch(server.url.replace("https", "http")), TypeError);
  await server.shutdown();
});

Deno.test("serve() names TLS_KEY when its kind is not served", async () => {
  await using tls = await makeCertificate("secp256k1");

  throws(
    () => serve({ host: "127.0.0.1", port: 0, tls, handler }),
    (error) => error instanceof ConfigError && /TLS_KEY: is of a kind/.test(error.message),
  );
});

Deno.test("serve() names PORT when another program has it", async () => {
  const other = serve({ host: "127.0.0.1", port: 0, handler });
  const port = Number(new URL(other.url).port);

  throws(
    () => serve({ host: "127.0.0.1", port, handler }),
    (error) => error instanceof ConfigError && /PORT: \d+ is in use/.test(error.message),
  );
  await other.shutdown();
});

Deno.test("serve() names HOST when it is no address of this machine", () => {
  throws(
    () => serve({ host: "192.0.2.1", port: 0, handler }),
    (error) => error instanceof ConfigError && /HOST: 192.0.2.1/.test(error.message),
  );
});
