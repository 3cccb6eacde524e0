import { delay } from "@std/async";
import { delimiter, join } from "node:path";

/** What every instance shows to the KV Connect server. */
const TOKEN = "a token of a dozen characters and more";

/** How often the server is asked whether it listens, in ms. */
const POLL_MS = 20;

/** The KV Connect server `denokv`: where `DENOKV` says, or on the `PATH`; `undefined` if it is nowhere. */
export const DENOKV: string | undefined = Deno.env.get("DENOKV") || findProgram("denokv");

/** A KV Connect server in a process of its own, with a store of its own. */
export interface KvServer extends AsyncDisposable {
  /** What an instance needs in its environment to use it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts `program`, and waits until it listens. */
export async function startDenokv(program: string): Promise<KvServer> {
  const folder = await Deno.makeTempDir();
  const port = freePort();
  const child = new Deno.Command(program, {
    args: ["--sqlite-path", join(folder, "kv"), "serve", "--addr", `127.0.0.1:${port}`],
    env: { DENO_KV_ACCESS_TOKEN: TOKEN },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let over = false;
  const exited = child.status.then(() => over = true);
  while (!await listens(port)) {
    if (over) throw new Error(`${program} does not start`);
    await delay(POLL_MS);
  }
  return {
    env: { KV_PATH: `http://127.0.0.1:${port}`, DENO_KV_ACCESS_TOKEN: TOKEN },
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listens(port: number): Promise<boolean> {
  try {
    using _ = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}

function findProgram(name: string): string | undefined {
  const paths = (Deno.env.get("PATH") ?? "").split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
