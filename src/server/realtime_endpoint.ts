import type { Door } from "@/server/limits/door.ts";
import type { CallerLimits } from "@/server/limits/limits.ts";
import type { Client } from "@/conversation/client.ts";
import type { Session } from "@/conversation/session.ts";
import { type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
import { refuse } from "@/realtime/refusal.ts";
import { type ConnectionRequest, serveSession } from "@/realtime/serve_session.ts";
import { upgradeSocket } from "@/realtime/upgrade.ts";

/** What somebody who was let in asks for. */
export interface AdmittedRequest extends ConnectionRequest {
  /** Whom limits count. */
  readonly caller: string;
}

/** What serving conversations takes. */
export interface RealtimeEndpointOptions extends HandshakePolicy {
  /** Opens the session of a connection. */
  readonly openSession: (client: Client, request: AdmittedRequest) => Promise<Session>;
  /** Whom to let in. Absent: everybody. */
  readonly limits?: Pick<CallerLimits, "callerOf"> & Door;
}

/** Where clients connect to talk. Disposing it waits for every connection to end. */
export interface RealtimeEndpoint extends AsyncDisposable {
  /** Upgrades a request for a connection, or refuses it. `peer` is the address of the connection's other end. */
  handle(request: Request, peer: string): Promise<Response>;
}

/** Makes the endpoint `/v1/realtime`. */
export function createRealtimeEndpoint(options: RealtimeEndpointOptions): RealtimeEndpoint {
  const connections = new Set<Promise<void>>();

  return {
    async handle(request, peer) {
      const { signal: left } = request; // made when first asked for, and a turn later told who has left: in time
      const handshake = await readHandshake(request, options);
      if (handshake instanceof Response) return handshake;
      const { subject } = handshake;
      const caller = options.limits?.callerOf({ subject, headers: request.headers, peer }) ??
        subject;
      const place = await options.limits?.enter(caller);
      if (place instanceof Response) return place;
      await using untilServed = new AsyncDisposableStack();
      untilServed.use(place);
      if (left.aborted) return clientGone();
      const { socket, response } = upgradeSocket(request, handshake.protocol);
      const whileServed = untilServed.move();
      const served = serveSession(
        socket,
        handshake,
        (client, request) => options.openSession(client, { ...request, caller }),
        left,
      )
        .finally(() => whileServed.disposeAsync())
        .finally(() => connections.delete(served));
      connections.add(served);
      return response;
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(connections);
    },
  };
}

/**
 * Answers somebody who has left, and so nobody: an upgrade would make a socket that never opens and never closes. 499
 * is nginx's number for it.
 */
function clientGone(): Response {
  return refuse(499, { code: "client_gone", message: "The client has left." });
}
