import { join } from "node:path";

const root = join(import.meta.dirname!, "../..");

/** Every file that is the entry of a Worker, as its path in the checkout. */
export async function findWorkers(folder = "src"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await findWorkers(path));
    else if (/(^|_)worker\.ts$/.test(name)) found.push(path);
  }
  return found;
}
