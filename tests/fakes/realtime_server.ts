import { clientEventSchema } from "@/realtime/client_events.ts";

/** An event as it goes over the wire. */
// deno-lint-ignore no-explicit-any -- a test reads any field of any event
export type WireEvent = Record<string, any> & { readonly type: string };

/** One client of the fake server. */
export interface FakeConnection {
  /** The address the client asked for. */
  readonly url: URL;
  /** The subprotocols it offered. */
  readonly protocols: readonly string[];
  /** Every event that came, in order. Each was held against the wire's schema. */
  readonly events: readonly WireEvent[];
  /** The next event of this type that no one has been given yet. */
  next(type: string): Promise<WireEvent>;
  /** The next binary frame. */
  nextAudio(): Promise<Uint8Array>;
  send(...events: WireEvent[]): void;
  sendAudio(pcm: Uint8Array<ArrayBuffer>): void;
  close(code: number): Promise<void>;
}

/** A server that speaks the protocol word by word as a test tells it, over a real socket. */
export interface FakeServer extends AsyncDisposable {
  /** The endpoint, `ws:`. */
  readonly url: string;
  /** The next client that connects. */
  accept(): Promise<FakeConnection>;
}

/** What the fake server does beside. */
export interface FakeServerOptions {
  /** Answers a request instead of the fake server; `undefined` lets it go on. */
  readonly intercept?: (request: Request) => Response | undefined | Promise<Response | undefined>;
}

/** Waits for things that may already be there. */
class Mailbox<T> {
  #items: T[] = [];
  #waiting: { wanted: (item: T) => boolean; resolve: (item: T) => void }[] = [];

  put(item: T): void {
    const at = this.#waiting.findIndex(({ wanted }) => wanted(item));
    if (at < 0) this.#items.push(item);
    else this.#waiting.splice(at, 1)[0]?.resolve(item);
  }

  take(wanted: (item: T) => boolean = () => true): Promise<T> {
    const at = this.#items.findIndex(wanted);
    if (at >= 0) return Promise.resolve(this.#items.splice(at, 1)[0]!);
    return new Promise((resolve) => this.#waiting.push({ wanted, resolve }));
  }
}

/** Starts a fake server on a free port. */
export function startFakeServer({ intercept }: FakeServerOptions = {}): FakeServer {
  const connections = new Mailbox<FakeConnection>();
  const open = new Set<FakeConnection>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const answer = await intercept?.(request);
      if (answer !== undefined) return answer;
      if (request.headers.get("upgrade") !== "websocket") {
        return new Response(null, { status: 426 });
      }
      const url = new URL(request.url);
      const protocols = (request.headers.get("sec-websocket-protocol") ?? "").split(/,\s*/);
      const { socket, response } = Deno.upgradeWebSocket(request);
      response.headers.set("sec-websocket-protocol", "realtime");
      const connection = connect(socket, { url, protocols });
      open.add(connection);
      socket.addEventListener("open", () => connections.put(connection));
      return response;
    },
  );

  return {
    url: `ws://127.0.0.1:${server.addr.port}/v1/realtime`,
    accept: () => connections.take(),
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((connection) => connection.close(1001)));
      await server.shutdown();
    },
  };
}

function connect(
  socket: WebSocket,
  { url, protocols }: Pick<FakeConnection, "url" | "protocols">,
): FakeConnection {
  const events: WireEvent[] = [];
  const mail = new Mailbox<WireEvent>();
  const audio = new Mailbox<Uint8Array>();
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener("close", () => resolve(), { once: true });
  });
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== "string") {
      audio.put(new Uint8Array(data));
      return;
    }
    const event: WireEvent = JSON.parse(data);
    clientEventSchema(event.type)!.parse(event);
    events.push(event);
    mail.put(event);
  };
  return {
    url,
    protocols,
    events,
    next: (type) => mail.take((event) => event.type === type),
    nextAudio: () => audio.take(),
    send(...batch) {
      for (const event of batch) socket.send(JSON.stringify(event));
    },
    sendAudio: (pcm) => socket.send(pcm),
    close(code) {
      if (socket.readyState <= WebSocket.OPEN) socket.close(code);
      return closed;
    },
  };
}
