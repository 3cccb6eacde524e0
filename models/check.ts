import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Model, ModelFile } from "./manifest.ts";

/** A model's file that cannot be used. */
export interface ModelDamage {
  /** Name of the model. */
  readonly model: string;
  /** Where the file should be. */
  readonly path: string;
  /** Whether it is not there, or not what the manifest says. */
  readonly kind: "missing" | "corrupt";
}

/**
 * Finds the files that are missing, or not what the manifest says, by size first and sha256 then.
 *
 * @param dir The models' folder.
 */
export async function findDamage(models: readonly Model[], dir: string): Promise<ModelDamage[]> {
  const found = await Promise.all(
    models.flatMap((model) =>
      model.files.map(async (file) => {
        const path = join(dir, file.path);
        const state = await checkFile(path, file);
        return state === "ok" ? [] : [{ model: model.name, path, kind: state }];
      })
    ),
  );
  return found.flat();
}

/** Compares a file with what the manifest says of it. */
export async function checkFile(
  path: string,
  expected: Pick<ModelFile, "bytes" | "sha256">,
): Promise<"ok" | ModelDamage["kind"]> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw error;
  }
  if (!info.isFile || info.size !== expected.bytes) return "corrupt";

  using file = await Deno.open(path);
  const hash = createHash("sha256");
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex") === expected.sha256 ? "ok" : "corrupt";
}

/** Says what is damaged and how to mend it, or `undefined` if all is well. */
export function describeDamage(damage: readonly ModelDamage[]): string | undefined {
  if (damage.length === 0) return undefined;
  const lines = damage.map(({ model, path, kind }) => `  ${model}: ${path} is ${kind}`);
  const names = [...new Set(damage.map(({ model }) => model))].join(" ");
  return [
    "Cannot load the models:",
    ...lines,
    `Run \`deno task models ${names}\` to fetch what is wrong.`,
  ].join("\n");
}
