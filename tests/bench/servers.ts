import { startServer } from "../e2e/server.ts";

/** A server in a process of its own. */
export interface BenchServer extends AsyncDisposable {
  /** `ws://127.0.0.1:port/v1/realtime?query` */
  realtime(query?: Record<string, string>): string;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
}

/** What is left in a server's heap when its garbage is collected, in bytes. */
export interface Heap {
  readonly heapUsed: number;
  readonly external: number;
}

/** The server that users start, with its store in a file, as theirs is. */
export async function realServer(env: Record<string, string> = {}): Promise<BenchServer> {
  const folder = await Deno.makeTempDir();
  const server = await startServer({
    KV_PATH: `${folder}/bench.kv`,
    LOG_LEVEL: "warning",
    MAX_SESSIONS: "0",
    ...env,
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The server with engines that take no time. */
export async function zeroServer(): Promise<BenchServer & { heap(): Promise<Heap> }> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--v8-flags=--expose-gc",
      "--allow-net=127.0.0.1",
      `--allow-read=.,${folder}`,
      `--allow-write=${folder}`,
      "tests/bench/zero_server.ts",
      `${folder}/bench.kv`,
    ],
    cwd: new URL("../..", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const url = (await lines.read()).value?.trim();
  if (url === undefined) throw new Error(`The zero server exited: ${(await child.status).code}`);
  return {
    url,
    pid: child.pid,
    realtime: (query = {}) =>
      `${url.replace("http", "ws")}/v1/realtime?${new URLSearchParams({
        model: "zero",
        ...query,
      })}`,
    heap: async () => await (await fetch(`${url}/heap`)).json(),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await lines.cancel();
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
