import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import dashboard from "../../deploy/grafana/dashboard.json" with { type: "json" };
import { readInstruments } from "./instruments.ts";

const root = join(import.meta.dirname!, "../..");

Deno.test("the dashboard asks for metrics that the server has, and for all of its own", async () => {
  const names = [...(await readInstruments()).keys()];

  const asked = new Set(
    dashboard.panels.flatMap(({ targets }) => targets)
      .flatMap(({ expr }) => expr.match(/\b(?:chatai|process|nodejs)_\w+/g) ?? []),
  );

  deepEqual([...asked].filter((name) => !names.includes(name)), []);
  deepEqual(names.filter((name) => name.startsWith("chatai") && !asked.has(name)), []);
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
