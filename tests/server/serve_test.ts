import { match, strictEqual as equal, throws } from "node:assert/strict";
import { ConfigError } from "@/errors.ts";
import { serve } from "@/server/serve.ts";

const handler = () => new Response("hello");

Deno.test("serve() tells the port that the system chose", async () => {
  const server = serve({ host: "127.0.0.1", port: 0, handler });

  match(server.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  equal(await (await fetch(server.url)).text(), "hello");
  await server.shutdown();
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
