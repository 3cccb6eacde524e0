import { type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
import { type OpenSession, serveSession } from "@/realtime/serve_session.ts";
import { upgradeSocket } from "@/realtime/upgrade.ts";

/** What serving conversations takes. */
export interface RealtimeEndpointOptions extends HandshakePolicy {
  /** Opens the session of a connection. */
  readonly openSession: OpenSession;
}

/** Where clients connect to talk. Disposing it waits for every connection to end. */
export interface RealtimeEndpoint extends AsyncDisposable {
  /** Upgrades a request for a connection, or refuses it. */
  handle(request: Request): Promise<Response>;
}

/** Makes the endpoint `/v1/realtime`. */
export function createRealtimeEndpoint(options: RealtimeEndpointOptions): RealtimeEndpoint {
  const connections = new Set<Promise<void>>();

  return {
    async handle(request) {
      const handshake = await readHandshake(request, options);
      if (handshake instanceof Response) return handshake;
      const { socket, response } = upgradeSocket(request, handshake.protocol);
      const served = serveSession(socket, handshake, options.openSession)
        .finally(() => connections.delete(served));
      connections.add(served);
      return response;
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(connections);
    },
  };
}
