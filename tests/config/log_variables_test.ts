import { deepStrictEqual as deepEqual, match } from "node:assert/strict";
import { join } from "node:path";
import { LOG_CATEGORIES, LOG_VARIABLES } from "@/config/log_variables.ts";

const { LOG_LEVEL } = LOG_VARIABLES;
const src = join(import.meta.dirname!, "../../src");

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory && name !== "dist") yield* filesBelow(path);
    else if (name.endsWith(".ts")) yield await Deno.readTextFile(path);
  }
}

Deno.test("LOG_LEVEL is one level for all, or several for parts", () => {
  deepEqual(LOG_LEVEL.parse("warning"), { all: "warning", categories: {} });
  deepEqual(LOG_LEVEL.parse("chatai.asr=debug, error ,chatai.store = info"), {
    all: "error",
    categories: { "chatai.asr": "debug", "chatai.store": "info" },
  });
  deepEqual(LOG_LEVEL.parse("chatai.asr=debug"), {
    all: "info",
    categories: { "chatai.asr": "debug" },
  });
});

Deno.test("LOG_LEVEL refuses levels and parts that there are not", () => {
  const { error } = LOG_LEVEL.safeParse("loud,chatai.asr=quiet,chatai.ars=debug");

  const messages = error!.issues.map(({ message }) => message);
  match(messages[0]!, /not "loud"/);
  match(messages[1]!, /not "quiet"/);
  match(messages[2]!, /no "chatai\.ars".*chatai\.asr/);
});

Deno.test("every part that logs can be given a level, and no other", async () => {
  const named = new Set<string>();
  for await (const text of filesBelow(src)) {
    for (const [, name] of text.matchAll(/getLogger\(\["chatai", "(\w+)"/g)) named.add(name!);
  }
  const dynamic = ["llm", "tts"]; // src/engines/openai/models.ts logs as the kind it serves

  deepEqual(
    [...new Set([...named, ...dynamic])].map((name) => `chatai.${name}`).toSorted(),
    LOG_CATEGORIES.toSorted(),
  );
});
