import denoJson from "../../deno.json" with { type: "json" };

/** A server in a process of its own, started as `deno task start` starts it. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** `ws://127.0.0.1:port/v1/realtime?query` */
  realtime(query?: Record<string, string>): string;
  /** All it has logged so far. */
  log(): string;
  /** Ends it without warning, as a crash would. */
  kill(): Promise<void>;
  /** Asks it to stop, as an operator would. Resolves with its exit code. */
  stop(): Promise<number>;
  readonly pid: number;
}

/** Starts a server on a free port with a memory of its own, and waits until it is ready. */
export async function startServer(given: Record<string, string> = {}): Promise<TestServer> {
  const env: Record<string, string> = { NO_COLOR: "1", PORT: "0", KV_PATH: ":memory:", ...given };
  const [, ...args] = startCommand(env).split(" ");
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../..", import.meta.url),
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  const ready = Promise.withResolvers<string>();
  async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(log)?.[0];
      if (url !== undefined) ready.resolve(url);
    }
  }
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  const exited = child.status.then(({ code }) => {
    ready.reject(new Error(`The server exited with code ${code}:\n${log}`));
    return code;
  });
  ready.promise.catch(() => {}); // told below, or nobody waits for it any more
  const url = await ready.promise;

  async function end(signal: Deno.Signal): Promise<number> {
    try {
      child.kill(signal);
    } catch {
      // it has ended already
    }
    const code = await exited;
    await reading;
    return code;
  }

  return {
    url,
    pid: child.pid,
    realtime: (query = {}) =>
      `${url.replace("http", "ws")}/v1/realtime?${new URLSearchParams({
        model: "test",
        ...query,
      })}`,
    log: () => log,
    kill: () => end("SIGKILL").then(() => {}),
    stop: () => end("SIGTERM"),
    [Symbol.asyncDispose]: () => end("SIGTERM").then(() => {}),
  };
}

/** The command of `deno task start`, with what its shell would fill in. */
function startCommand(env: Readonly<Record<string, string>>): string {
  return denoJson.tasks.start.command.replaceAll(
    /\$\(deno eval -p "Deno\.env\.get\('(\w+)'\) \|\| '(\w+)'"\)/g,
    (_, name, fallback) => env[name] ?? fallback,
  );
}
