import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { startServer } from "../e2e/server.ts";
import { makeCertificate } from "../fakes/certificate.ts";
import { README_LINES } from "./readme_lines.ts";

Deno.test("every line of the README's table of clients reaches the server, with a key and over each scheme that it names", async () => {
  await using tls = await makeCertificate();
  const keyed = { API_KEYS: "KEY" };
  await using servers = new AsyncDisposableStack();
  const [plain, secure] = (await Promise.all([
    startServer(keyed),
    startServer({ ...keyed, TLS_CERT: tls.certPath, TLS_KEY: tls.keyPath }),
  ])).map((server) => servers.use(server));

  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--cert", tls.certPath, "--allow-net=127.0.0.1", "--allow-read", "--allow-env"],
      new URL("readme_lines_process.ts", import.meta.url).href,
      ...[plain!.url, secure!.url, tls.certPath],
    ],
    stdin: "null",
  }).output();

  const answers = new TextDecoder().decode(stdout);
  ok(answers !== "", new TextDecoder().decode(stderr));
  const expected = [...README_LINES].flatMap(([client, { schemes }]) =>
    schemes.map((scheme) => [`${client} over ${scheme}`, "11 plus 12 is 23."])
  );
  ok(expected.length > 12, `${expected.length} lines`);
  deepEqual(JSON.parse(answers), Object.fromEntries(expected));
});
