import { deepStrictEqual as deepEqual } from "node:assert/strict";
import dashboard from "../../deploy/grafana/dashboard.json" with { type: "json" };
import { readInstruments } from "./instruments.ts";

Deno.test("the dashboard asks for metrics that the server has, and for all of its own", async () => {
  const names = [...(await readInstruments()).keys()];

  const asked = new Set(
    dashboard.panels.flatMap(({ targets }) => targets)
      .flatMap(({ expr }) => expr.match(/\b(?:chatai|process|nodejs)_\w+/g) ?? []),
  );

  deepEqual([...asked].filter((name) => !names.includes(name)), []);
  deepEqual(names.filter((name) => name.startsWith("chatai") && !asked.has(name)), []);
});
