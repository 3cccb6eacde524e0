import WebSocket from "ws";
import type { TestServer } from "./server.ts";

interface RefusedUpgrade {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** How a server answered who wanted to connect. */
export interface UpgradeAnswer {
  /** 101 where the connection is open. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** How somebody connects. */
export interface UpgradeOptions {
  /** Shown to a server that asks for one. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Address of this machine to come from. */
  readonly localAddress?: string;
  /** PEM of a certificate to trust. */
  readonly ca?: string;
}

/** Connects as `ws` does, which shows how an upgrade was refused. */
export function upgrade(
  { realtime }: Pick<TestServer, "realtime">,
  { key, headers, ...options }: UpgradeOptions,
): Promise<UpgradeAnswer> {
  const socket = new WebSocket(realtime(), {
    ...options,
    headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
  });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on(
      "unexpected-response",
      (_request: unknown, { statusCode, headers }: RefusedUpgrade) => {
        socket.removeAllListeners("error").on("error", () => {}); // of the closing below
        socket.terminate();
        resolve({
          status: statusCode ?? 0,
          retryAfter: headers["retry-after"],
          close: () => Promise.resolve(),
        });
      },
    );
    socket.on("message", () =>
      resolve({
        status: 101,
        retryAfter: undefined,
        close: () =>
          new Promise((closed) => {
            socket.on("close", () => closed());
            socket.close();
          }),
      }));
  });
}
