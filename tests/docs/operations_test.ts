import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { DESCRIBED_VARIABLES, loadConfig, VARIABLES } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { readAlerts, replaceAlerts } from "../../docs/alerts.ts";
import { format } from "../../docs/format.ts";
import { replaceVariables } from "../../docs/variables.ts";
import { readSources } from "./sources.ts";

const root = join(import.meta.dirname!, "../..");
const page = await Deno.readTextFile(join(root, "docs/operations.md"));

/** Cells of the rows of the table below a heading, without those of its head. */
function rows(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section.split("\n")
    .filter((line) => /^\| (?!---|symptom)/.test(line))
    .map((line) => line.slice(2, -2).split(/ \| /).map((cell) => cell.trim()));
}

/** What stands in backticks. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

Deno.test("the variables in docs/operations.md are current: otherwise, run deno task docs", async () => {
  equal(page, await format(replaceVariables(page, DESCRIBED_VARIABLES)));
});

Deno.test("the alerts in docs/operations.md are those of deploy/prometheus/alerts.yml: otherwise, run deno task docs", async () => {
  const rules = await Deno.readTextFile(join(root, "deploy/prometheus/alerts.yml"));

  equal(page, await format(replaceAlerts(page, readAlerts(rules))));
});

Deno.test("the defaults in docs/operations.md are those of the program", () => {
  const env = Object.fromEntries(
    DESCRIBED_VARIABLES.flatMap(({ name, unset }) => {
      const value = /^`(.*)`$/.exec(unset)?.[1];
      return value === undefined ? [] : [[name, value]];
    }),
  );

  deepEqual(loadConfig(env, KNOWN_ENGINES), loadConfig({}, KNOWN_ENGINES));
});

Deno.test("every variable that docs/operations.md speaks of exists", () => {
  const named = quoted(page).flatMap((code) =>
    /^([A-Z]+(?:_[A-Z]+)+)(?:=|$)/.exec(code)?.[1] ?? []
  );

  deepEqual(named.filter((name) => !VARIABLES.includes(name)), []);
});

Deno.test("every message by which docs/operations.md tells what is wrong is one of the program's", async () => {
  const sources = await readSources();

  const symptoms = rows("When something is wrong");
  const messages = symptoms.flatMap(([, shown = "", remedy = ""]) => [
    ...quoted(shown),
    ...quoted(remedy).filter((code) => /^[a-z]+_[a-z_]+$/.test(code)),
  ]);

  ok(symptoms.length >= 12);
  deepEqual(messages.filter((message) => !sources.includes(message)), []);
});
