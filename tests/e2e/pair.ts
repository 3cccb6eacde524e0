import { join } from "node:path";
import { startServer, type TestServer } from "./server.ts";

/** A store that several processes can share. */
export interface SharedStore extends AsyncDisposable {
  /** What an instance needs in its environment to use it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes one that is a file. */
export async function makeKvFile(): Promise<SharedStore> {
  const folder = await Deno.makeTempDir();
  return {
    env: { KV_PATH: join(folder, "shared.kv") },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Two instances, and the store that they share. */
export interface Pair extends AsyncDisposable {
  /** For a further one. */
  readonly env: Readonly<Record<string, string>>;
  readonly servers: readonly [TestServer, TestServer];
}

/** Starts them. The store goes with them. */
export async function startPair(
  store: SharedStore,
  given: Readonly<Record<string, string>>,
): Promise<Pair> {
  const resources = new AsyncDisposableStack();
  resources.use(store);
  const env = { ...given, ...store.env };
  const servers = await Promise.all([startServer(env), startServer(env)] as const);
  for (const server of servers) resources.use(server);
  return { env, servers, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
