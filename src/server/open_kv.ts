import { dirname } from "node:path";
import { ConfigError } from "@/errors.ts";

/**
 * Opens the store that `KV_PATH` names: `:memory:`, a file (whose folder is made), the URL of a KV Connect server,
 * or `default` for the host's own.
 *
 * @throws {ConfigError} If it cannot be opened or read.
 */
export async function openKv(path: string): Promise<Deno.Kv> {
  let kv: Deno.Kv | undefined;
  try {
    if (isFile(path)) await makeFolder(dirname(path));
    kv = await (path === "default" ? Deno.openKv() : Deno.openKv(path));
    await kv.get(["ready"]);
    return kv;
  } catch (error) {
    kv?.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ variable: "KV_PATH", message: explain(path, reason) }]);
  }
}

/** A folder that this process may not make may still be there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
}

function isFile(path: string): boolean {
  return path !== "default" && path !== ":memory:" && !/^https?:/.test(path);
}

function explain(path: string, reason: string): string {
  const what = `cannot open ${path}: ${reason}.`;
  if (/locked/.test(reason)) {
    return `${what} Another process is using it: stop it, or name another file.`;
  }
  if (/not a database/.test(reason)) {
    return `${what} Move the file away, or name another one.`;
  }
  return what;
}
