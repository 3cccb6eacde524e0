import { deepStrictEqual as deepEqual, match, ok } from "node:assert/strict";
import { join } from "node:path";
import dashboard from "../../deploy/grafana/dashboard.json" with { type: "json" };
import { readInstruments } from "./instruments.ts";

const root = join(import.meta.dirname!, "../..");
const dockerfile = await Deno.readTextFile(join(root, "Dockerfile"));
const readme = await Deno.readTextFile(join(root, "README.md"));

Deno.test("the dashboard asks for metrics that the server has, and for all of its own", async () => {
  const names = [...(await readInstruments()).keys()];

  const asked = new Set(
    dashboard.panels.flatMap(({ targets }) => targets)
      .flatMap(({ expr }) => expr.match(/\b(?:chatai|process|nodejs)_\w+/g) ?? []),
  );

  deepEqual([...asked].filter((name) => !names.includes(name)), []);
  deepEqual(names.filter((name) => name.startsWith("chatai") && !asked.has(name)), []);
});

Deno.test("the image is built of the Deno that the README names, and pinned", () => {
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  const [, version] = /npx -y deno@(\S+)/.exec(readme) ?? [];

  deepEqual(images, [`denoland/deno:${version}`, `denoland/deno:${version}`]);
});

Deno.test("the container is no root, has a health check, and opens no server without keys", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM"));

  match(last, /^USER deno$/m);
  match(last, /^HEALTHCHECK/m);
  ok(!/AUTH=none|API_KEYS=/.test(last.replaceAll(/^#.*$/gm, "")));
});

Deno.test("every file that the compose file mounts is there, but for those that hold secrets", async () => {
  const compose = await Deno.readTextFile(join(root, "deploy/compose.yaml"));
  const mounted = [...compose.matchAll(/- \.\/(\S+?):/g)].map(([, path]) => path!);
  const secrets = ["proxy/cert.pem", "proxy/key.pem", "prometheus/key"];

  deepEqual(mounted.filter((path) => secrets.includes(path)).toSorted(), secrets.toSorted());
  for (const path of mounted.filter((path) => !secrets.includes(path))) {
    ok((await Deno.stat(join(root, "deploy", path))).isFile, path);
  }
});
