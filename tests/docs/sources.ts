import { join } from "node:path";

const root = join(import.meta.dirname!, "../..");

/** All code that may say something to an operator, each run of blanks as one. */
export async function readSources(): Promise<string> {
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
