import { type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
import { type OpenSession, serveSession } from "@/realtime/serve_session.ts";
import { upgradeSocket } from "@/realtime/upgrade.ts";

/** What serving conversations takes. */
export interface RealtimeEndpointOptions extends HandshakePolicy {
  /** Opens the session of a connection. */
  readonly openSession: OpenSession;
}

/** Where clients connect to talk. Disposing it ends every connection with 1001 and waits for its session. */
export interface RealtimeEndpoint extends AsyncDisposable {
  /** Upgrades a request for a connection, or refuses it. */
  handle(request: Request): Promise<Response>;
}

/** Makes the endpoint `/v1/realtime`. */
export function createRealtimeEndpoint(options: RealtimeEndpointOptions): RealtimeEndpoint {
  const connections = new Map<WebSocket, Promise<void>>();

  return {
    async handle(request) {
      const handshake = await readHandshake(request, options);
      if (handshake instanceof Response) return handshake;
      const { socket, response } = upgradeSocket(request, handshake.protocol);
      const served = serveSession(socket, handshake, options.openSession)
        .finally(() => connections.delete(socket));
      connections.set(socket, served);
      return response;
    },

    async [Symbol.asyncDispose]() {
      const ending = [...connections.values()];
      for (const socket of connections.keys()) socket.close(1001, "The server is shutting down");
      await Promise.all(ending);
    },
  };
}
