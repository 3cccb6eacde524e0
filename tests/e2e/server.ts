import { delay } from "@std/async";
import { VARIABLES } from "@/config.ts";
import denoJson from "../../deno.json" with { type: "json" };

/** A server in a process of its own, started as `deno task start` starts it. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** `ws://127.0.0.1:port/v1/realtime?query` */
  realtime(query?: Record<string, string>): string;
  /** All it has logged so far. */
  log(): string;
  /** How many of its sessions have ended because their client was gone. */
  hangUps(): number;
  /** Settles when it has logged so many; rejects when it has not in half a minute. */
  untilHangUps(count: number): Promise<void>;
  /** Ends it without warning, as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop, as an operator would. Resolves with its exit code. */
  stop(): Promise<number>;
  readonly pid: number;
}

/** How often the log is looked at for the announcement, in ms. */
const POLL_MS = 20;

/** How long the end of a session is waited for, in ms. */
const PATIENCE_MS = 30_000;

/** How a server is run. */
export interface RunOptions {
  /** Working directory. @default {the checkout} */
  readonly cwd?: string | URL;
  /** Arguments of `deno`. @default {those of the task `serve`} */
  readonly args?: readonly string[];
}

/** Starts a server on a free port with a memory of its own, and waits until it is ready. Rejects with its code and log if it exits. */
export async function startServer(
  given: Record<string, string> = {},
  { cwd = new URL("../..", import.meta.url), args: run }: RunOptions = {},
): Promise<TestServer> {
  const env: Record<string, string> = { NO_COLOR: "1", PORT: "0", KV_PATH: ":memory:", ...given };
  const args = run ?? startArguments(env);
  const logFile = await Deno.makeTempFile({ suffix: ".log" });
  // its output goes to a file, and not through a pipe whose reading would count as a leak of whichever test runs
  const child = new Deno.Command("sh", {
    args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", logFile, Deno.execPath(), ...args],
    cwd,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let code: number | undefined;
  const exited = child.status.then((status) => code = status.code);

  async function ready(): Promise<string> {
    for (;;) {
      const over = code;
      const log = Deno.readTextFileSync(logFile);
      const announced = /(?:is ready: open |"url":")(https?:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (announced !== undefined) return announced;
      if (over === undefined) await delay(POLL_MS);
      else {
        Deno.removeSync(logFile);
        throw new Error(`The server exited with code ${over}:\n${log}`);
      }
    }
  }

  async function end(signal: Deno.Signal): Promise<number> {
    try {
      child.kill(signal);
    } catch {
      // it has ended already
    }
    return await exited;
  }

  function hangUps(): number {
    return Deno.readTextFileSync(logFile).split(/ended: (?:\\")?disconnected/).length - 1;
  }

  const url = await ready();
  return {
    url,
    pid: child.pid,
    realtime: (query) => realtimeUrl(url, query),
    log: () => Deno.readTextFileSync(logFile),
    hangUps,
    async untilHangUps(count) {
      const last = performance.now() + PATIENCE_MS;
      while (hangUps() < count) {
        if (performance.now() > last) throw new Error(`${hangUps()} of ${count} sessions ended`);
        await delay(POLL_MS);
      }
    },
    kill: () => end("SIGKILL").then(() => {}),
    stop: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      await Deno.remove(logFile);
    },
  };
}

/** Where a server's conversations are: `ws://127.0.0.1:port/v1/realtime?query` */
export function realtimeUrl(url: string, query: Record<string, string> = {}): string {
  const search = new URLSearchParams({ model: "test", ...query });
  return `${url.replace("http", "ws")}/v1/realtime?${search}`;
}

/** The arguments of `deno` in the task `serve`, with what its shell would fill in. */
function startArguments(env: Readonly<Record<string, string>>): string[] {
  const command = denoJson.tasks.serve.command
    .replace(/\$\(deno eval -p "\(await import[^"]*"\)/, VARIABLES.join())
    .replaceAll(
      /\$\(deno eval -p "Deno\.env\.get\('(\w+)'\) \|\| '(\w+)'"\)/g,
      (_, name, fallback) => env[name] ?? fallback,
    );
  const words = command.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1).map((word) => word.replaceAll('"', ""));
}
