import { delay } from "@std/async";
import { delimiter, join } from "node:path";

/** How often a program is asked whether it listens, in ms. */
const POLL_MS = 20;

/**
 * Where a program is; `undefined` if it is nowhere.
 *
 * @param folders To look in besides those of the `PATH`.
 */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const paths = [...(Deno.env.get("PATH") ?? "").split(delimiter), ...folders]
    .map((folder) => join(folder, name));
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A port of this machine on which nobody listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** How a program is run. */
export interface ProgramOptions extends Pick<Deno.CommandOptions, "args" | "env"> {
  /** Where it is going to listen. */
  readonly port: number;
}

/** Starts a program in a process of its own, and waits until it listens. Disposing of it ends it. */
export async function startProgram(
  program: string,
  { port, ...options }: ProgramOptions,
): Promise<AsyncDisposable> {
  const child = new Deno.Command(program, {
    ...options,
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
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

async function listens(port: number): Promise<boolean> {
  try {
    using _ = await Deno.connect({ hostname: "127.0.0.1", port });
    return true;
  } catch {
    return false;
  }
}
