import type { Client } from "@/conversation/client.ts";
import type { Session } from "@/conversation/session.ts";
import { type HandshakePolicy, readHandshake } from "@/realtime/handshake.ts";
import { type OpenSession, serveSession } from "@/realtime/serve_session.ts";
import { upgradeSocket } from "@/realtime/upgrade.ts";
import { ScriptedSession } from "../fakes/scripted_session.ts";
import { sessionView } from "./wire.ts";

/** A server on a port of its own that serves the wire and nothing else. */
export interface RealtimeServer extends AsyncDisposable {
  /** `ws://…/v1/realtime` */
  readonly url: string;
  /** Settles when every connection so far has ended, with all that it held. */
  ended(): Promise<void>;
}

/** How a {@linkcode RealtimeServer} differs from one that lets everybody in to a scripted session. */
export interface RealtimeServerOptions extends Partial<HandshakePolicy> {
  readonly open?: OpenSession;
}

/** Starts one. */
export function serveRealtime(options: RealtimeServerOptions = {}): RealtimeServer {
  const {
    identify = () => ({ subject: "anonymous" }),
    corsOrigins = [],
    open = greet(new ScriptedSession()),
  } = options;
  const connections: Promise<void>[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const handshake = await readHandshake(request, { identify, corsOrigins });
      if (handshake instanceof Response) return handshake;
      const { socket, response } = upgradeSocket(request, handshake.protocol);
      connections.push(serveSession(socket, handshake, open));
      return response;
    },
  );
  return {
    url: `ws://127.0.0.1:${server.addr.port}/v1/realtime`,
    async ended() {
      await Promise.all(connections);
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Promise.all(connections);
    },
  };
}

/** Opens a session that is there already, and tells the client. */
export function greet(session: Session): OpenSession {
  return (client: Client) => {
    client.sessionCreated(sessionView(), undefined);
    return Promise.resolve(session);
  };
}

/** A client that keeps what it receives until it is asked for. */
export class TestClient {
  readonly socket: WebSocket;
  readonly frames: unknown[] = [];
  readonly closed: Promise<CloseEvent>;
  #wake: () => void = () => {};

  constructor(url: string, protocols?: string[]) {
    this.socket = new WebSocket(url, protocols);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      this.frames.push(typeof data === "string" ? JSON.parse(data) : new Uint8Array(data));
      this.#wake();
    };
    this.closed = new Promise((resolve) => this.socket.onclose = resolve);
  }

  send(event: Record<string, unknown>): void {
    this.socket.send(JSON.stringify(event));
  }

  /** The first event of this type, or the second, and so on; now or later. */
  // deno-lint-ignore no-explicit-any -- a test reads any field of any event
  async event(type: string, count = 1): Promise<any> {
    for (;;) {
      const found = this.frames
        .filter((frame) => (frame as { type?: string }).type === type)[count - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Closes the connection and waits until it is gone. */
  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
