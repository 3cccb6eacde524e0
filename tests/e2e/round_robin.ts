import { realtimeUrl } from "./server.ts";

/** A proxy in front of several servers: each connection goes to the next of them. */
export interface RoundRobin extends AsyncDisposable {
  /** `ws://127.0.0.1:port/v1/realtime?query` */
  realtime(query?: Record<string, string>): string;
  /** Which server each connection went to so far. */
  readonly dialled: readonly string[];
  /** Cuts every connection, as a network does. */
  cut(): void;
}

/** Starts one before servers on this machine. A server that cannot be reached is left out. */
export function startRoundRobin(urls: readonly string[]): RoundRobin {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dialled: string[] = [];
  const open = new Set<Disposable>();
  const serving = new Set<Promise<void>>();
  let turn = 0;

  async function dial(): Promise<Deno.Conn | undefined> {
    for (let tries = 0; tries < urls.length; tries++) {
      const url = urls[turn++ % urls.length]!;
      try {
        const server = await Deno.connect({
          hostname: "127.0.0.1",
          port: Number(new URL(url).port),
        });
        dialled.push(url);
        return server;
      } catch {
        // the next one may be there
      }
    }
  }

  async function join(client: Deno.Conn): Promise<void> {
    using both = new DisposableStack();
    both.use(client);
    const server = await dial();
    if (server === undefined) return;
    both.use(server);
    open.add(both);
    const ways = [
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ];
    await Promise.race(ways).catch(() => {}); // whichever end went away, the other follows
    both.dispose();
    await Promise.allSettled(ways);
    open.delete(both);
  }

  function cut(): void {
    for (const connection of open) connection[Symbol.dispose]();
  }

  const accepting = (async () => {
    for await (const client of listener) {
      const served = join(client).finally(() => serving.delete(served));
      serving.add(served);
    }
  })();
  return {
    realtime: (query) => realtimeUrl(`http://127.0.0.1:${listener.addr.port}`, query),
    dialled,
    cut,
    async [Symbol.asyncDispose]() {
      listener.close();
      cut();
      await accepting;
      await Promise.all(serving);
    },
  };
}
