import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { VARIABLES } from "@/config.ts";

const deploy = join(import.meta.dirname!, "../../deploy");
const compose = await Deno.readTextFile(join(deploy, "compose.yaml"));

/** A service of the compose file, as far as the tests look. */
interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
}

const services: Readonly<Record<string, Service>> = parse(compose, { merge: true }).services;

Deno.test("every file that the compose file mounts is there, but for those that hold secrets", async () => {
  const mounted = [...compose.matchAll(/- \.\/(\S+?):/g)].map(([, path]) => path!);
  const secrets = ["proxy/cert.pem", "proxy/key.pem", "prometheus/key"];

  deepEqual(mounted.filter((path) => secrets.includes(path)).toSorted(), secrets.toSorted());
  for (const path of mounted.filter((path) => !secrets.includes(path))) {
    ok((await Deno.stat(join(deploy, path))).isFile, path);
  }
});

for (const [name, service] of Object.entries(services)) {
  Deno.test(`in the compose file, ${name} has a version, shows no secret on its command line, and may do little`, () => {
    if (service.image !== undefined) match(service.image, /:v?\d+\.\d+\.\d+(-\w+)?$/);
    deepEqual(service.command?.filter((part) => part.includes("$")) ?? [], []);
    ok(service.read_only);
    deepEqual(service.security_opt, ["no-new-privileges:true"]);
  });
}

Deno.test("of the compose file's services only the proxy can be reached by other machines", () => {
  const open = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.filter((port) => !port.startsWith("127.0.0.1:")).map((port) => `${name} ${port}`)
  );

  deepEqual(open, ["proxy 443:443"]);
});

Deno.test("the compose file sets variables that the server has, and gives it the token of its store", () => {
  const { chatai, denokv } = services;

  deepEqual(Object.keys(chatai!.environment!).filter((name) => !VARIABLES.includes(name)), []);
  equal(chatai!.environment!.DENO_KV_ACCESS_TOKEN, denokv!.environment!.DENO_KV_ACCESS_TOKEN);
});
