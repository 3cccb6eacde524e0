import { dirname, resolve } from "node:path";
import { retryLocked } from "@/conversation/kv_retry.ts";
import { ConfigError } from "@/errors.ts";

/**
 * Opens the store that `KV_PATH` names: `:memory:`, a file (whose folder is made), the URL of a KV Connect server,
 * or `default` for the host's own. Processes that start together may open one new file: who finds it locked while
 * another one makes its tables tries again.
 *
 * @throws {ConfigError} If it cannot be opened or read.
 */
export async function openKv(path: string): Promise<Deno.Kv> {
  let mayMakeFolder = true;
  try {
    if (isFile(path)) mayMakeFolder = await makeFolder(dirname(path));
    return await retryLocked(() => openAndRead(path === "default" ? undefined : path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{
      variable: "KV_PATH",
      message: explain(path, { reason, mayMakeFolder }),
    }]);
  }
}

/** Opens a store and reads from it: some faults show only then. */
async function openAndRead(path: string | undefined): Promise<Deno.Kv> {
  const kv = await Deno.openKv(path);
  try {
    await kv.get(["ready"]);
    return kv;
  } catch (error) {
    kv.close();
    throw error;
  }
}

/** Ms in which a process learns from a shared file that another one took a session over. */
const FILE_POLL_MS = 1000;

/** How often leases are looked at, in ms: a file tells only its own process of a change, the other stores tell all. */
export function leasePollMs(path: string): number | undefined {
  return isFile(path) ? FILE_POLL_MS : undefined;
}

/** Makes a folder, or says that this process may not: it may still be there. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await Deno.mkdir(path, { recursive: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

function isFile(path: string): boolean {
  return path !== "default" && path !== ":memory:" && !/^https?:/.test(path);
}

/** What is wrong, and what to do about it. */
function explain(
  path: string,
  { reason, mayMakeFolder }: { readonly reason: string; readonly mayMakeFolder: boolean },
): string {
  const what = `cannot open ${path}: ${reason}.`;
  if (/locked/.test(reason)) {
    return `${what} Another process is using it: stop it, or name another file.`;
  }
  if (/not a database/.test(reason)) {
    return `${what} Move the file away, or name another one.`;
  }
  if (/unable to open/.test(reason)) {
    const folder = dirname(resolve(path));
    return mayMakeFolder
      ? `${what} Name a file, not a folder, that this user may write.`
      : `${what} The server may write the file alone, so its folder must be there: mkdir -p ${folder}`;
  }
  return what;
}
