import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { loadConfig, VARIABLES } from "@/config.ts";
import denoJson from "../deno.json" with { type: "json" };

const root = join(import.meta.dirname!, "..");
const readme = await Deno.readTextFile(join(root, "README.md"));
const known = { vad: ["silero"], asr: ["moonshine"], llm: ["scripted"], tts: ["flite"] };

/** First column of the table below a heading, without its backticks. */
function firstColumn(heading: string): string[] {
  const section = readme.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, cell = ""]) => cell);
}

Deno.test("the variables that the README names exist", () => {
  const unknown = firstColumn("Configuration").filter((name) => !VARIABLES.includes(name));

  ok(firstColumn("Configuration").length > 5);
  deepEqual(unknown, []);
});

Deno.test("docs/operations.md has a row for every variable: otherwise, run deno task docs", async () => {
  const page = await Deno.readTextFile(join(root, "docs/operations.md"));
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name);

  deepEqual(rows, VARIABLES);
});

Deno.test("the defaults in the README are those of the program", () => {
  const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)];
  const env = Object.fromEntries(rows.map(([, name = "", value = ""]) => [name, value]));

  deepEqual(loadConfig(env, known), loadConfig({}, known));
});

Deno.test("the README names every task, and every task that it names exists", () => {
  const named = firstColumn("Work on it").map((cell) => cell.replace("deno task ", ""));

  deepEqual(named.toSorted(), Object.keys(denoJson.tasks).toSorted());
  for (const [, task = ""] of readme.matchAll(/npx -y deno@[\d.]+ task (\w+)/g)) {
    ok(task in denoJson.tasks, task);
  }
});

Deno.test("the files that the README names exist", async () => {
  const paths = [...readme.matchAll(/(?<![\w/<])((?:src|models|tests)\/[\w./]*\w\.\w+)/g)];

  for (const [, path = ""] of paths) {
    ok((await Deno.stat(join(root, path))).isFile, path);
  }
});

Deno.test("the README says what each dependency is for", () => {
  const section = readme.split("## Dependencies\n")[1] ?? "";
  const names = Object.keys(denoJson.imports).filter((name) =>
    name !== "@/" && !name.endsWith("/") || name === "onnxruntime-web/"
  );

  const missing = names.filter((name) => !section.includes(`\`${name.replace(/\/$/, "")}\``));

  deepEqual(missing, []);
});
