import type { EdgeConnection } from "@/engines/tts/edge/connection.ts";

/** Connections that are open, in use or kept for the next sentence. Disposing it ends them all. */
export interface ConnectionPool extends AsyncDisposable {
  /** One that is kept, or a new one. */
  take(signal: AbortSignal): Promise<EdgeConnection>;
  /** Keeps one for whoever comes next, for some seconds. */
  giveBack(connection: EdgeConnection): void;
}

/** How long a connection is kept, in ms: it spans the sentences of a reply, not the pauses between turns. */
const KEPT_MS = 15_000;

/** Starts with none. */
export function createConnectionPool(
  connect: (signal: AbortSignal) => Promise<EdgeConnection>,
): ConnectionPool {
  const kept = new Map<EdgeConnection, ReturnType<typeof setTimeout>>();
  const open = new Set<EdgeConnection>();

  function forget(connection: EdgeConnection): void {
    clearTimeout(kept.get(connection));
    kept.delete(connection);
  }

  return {
    async take(signal) {
      for (const connection of [...kept.keys()].toReversed()) {
        forget(connection);
        if (connection.open()) return connection;
      }
      const connection = await connect(signal);
      open.add(connection);
      void connection.closed.then(() => {
        open.delete(connection);
        forget(connection);
      });
      return connection;
    },
    giveBack(connection) {
      if (connection.open()) kept.set(connection, setTimeout(connection.close, KEPT_MS));
    },
    async [Symbol.asyncDispose]() {
      for (const connection of open) connection.close();
      await Promise.all([...open].map(({ closed }) => closed));
    },
  };
}
