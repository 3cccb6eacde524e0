import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServedArrival } from "./arrivals.ts";

/** A server on this machine. Disposing it breaks every connection; that may be done twice. */
export interface HttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
}

/** Answers one request. If it fails, the connection breaks. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts one, on a free port unless one is named. */
export async function startHttpServer(serve: Serve, port = 0): Promise<HttpServer> {
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  let closing: Promise<void> | undefined;
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

/** Ends an arrival with its response, in whatever way that ends. */
export function endWith(response: ServerResponse, { finish, close }: ServedArrival): void {
  response.once("finish", finish);
  response.once("close", close);
  if (response.destroyed) close();
}
