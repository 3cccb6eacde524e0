import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { DESCRIBED_VARIABLES, loadConfig, VARIABLES } from "@/config.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { collectProcessMetrics, METRICS } from "@/telemetry/metrics.ts";
import { format } from "../../docs/format.ts";
import { replaceVariables } from "../../docs/variables.ts";

const root = join(import.meta.dirname!, "../..");
const page = await Deno.readTextFile(join(root, "docs/operations.md"));

/** Cells of the rows of the tables below a heading, without those of their heads. */
function rows(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return section.split("\n")
    .filter((line) => /^\| (?!---|symptom|alert)/.test(line))
    .map((line) => line.slice(2, -2).split(/ \| /).map((cell) => cell.trim()));
}

/** What stands in backticks. */
function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** All code that may say something to an operator, each run of blanks as one. */
async function readSources(): Promise<string> {
  const texts = await Promise.all(
    ["main.ts", "src", "models"].map((name) => read(join(root, name))),
  );
  return texts.join("\n").replaceAll(/\s+/g, " ");
}

async function read(path: string): Promise<string> {
  if ((await Deno.stat(path)).isFile) return path.endsWith(".ts") ? Deno.readTextFile(path) : "";
  const entries = await Array.fromAsync(Deno.readDir(path));
  return (await Promise.all(entries.map(({ name }) => read(join(path, name))))).join("\n");
}

Deno.test("the variables in docs/operations.md are current: otherwise, run deno task docs", async () => {
  equal(page, await format(replaceVariables(page, DESCRIBED_VARIABLES)));
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

Deno.test("the alerts of docs/operations.md ask for metrics, labels and values that there are", async () => {
  const sources = await readSources();
  collectProcessMetrics();
  const labels = new Map<string, readonly string[]>();
  for (const { name, type } of await METRICS.getMetricsAsJSON()) {
    const { labelNames } = METRICS.getSingleMetric(name) as unknown as {
      readonly labelNames: readonly string[];
    };
    labels.set(String(type) === "histogram" ? `${name}_bucket` : name, labelNames);
  }

  const alerts = rows("Metrics and alerts").map(([, alert = ""]) => alert);
  const asked = alerts.flatMap((alert) => [
    ...alert.matchAll(/\b((?:chatai|process|nodejs)_\w+)(?:\{(\w+)="(\w+)"\})?/g),
  ]);

  ok(alerts.length >= 10);
  for (const [selector, name = "", label, value] of asked) {
    ok(labels.has(name), selector);
    if (label === undefined) continue;
    ok(labels.get(name)!.includes(label), selector);
    ok(new RegExp(`\\b${value}\\b`).test(sources), selector);
  }
});
