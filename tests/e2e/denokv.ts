import { join } from "node:path";
import type { SharedStore } from "./pair.ts";
import { findProgram, freePort, startProgram } from "./program.ts";

/** What every instance shows to the KV Connect server. */
const TOKEN = "a token of a dozen characters and more";

/** The KV Connect server `denokv`: where `DENOKV` says, or on the `PATH`; `undefined` if it is nowhere. */
export const DENOKV: string | undefined = Deno.env.get("DENOKV") || findProgram("denokv");

/** Starts `program`, a KV Connect server with a store of its own. */
export async function startDenokv(program: string): Promise<SharedStore> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const port = freePort();
  stack.use(
    await startProgram(program, {
      port,
      args: ["--sqlite-path", join(folder, "kv"), "serve", "--addr", `127.0.0.1:${port}`],
      env: { DENO_KV_ACCESS_TOKEN: TOKEN },
    }),
  );
  const owned = stack.move();
  return {
    env: { KV_PATH: `http://127.0.0.1:${port}`, DENO_KV_ACCESS_TOKEN: TOKEN },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
