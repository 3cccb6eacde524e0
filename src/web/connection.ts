import { type ClosedReason, judgeClose, reconnectDelay } from "@/web/reconnect.ts";

/** Where the connection to the server stands. */
export type Connection =
  | { readonly status: "offline" } // nobody asked for one, or it was closed by this side
  | { readonly status: "connecting" }
  | { readonly status: "online" }
  | {
    /** The connection was lost, or could not be made; the next attempt follows by itself. */
    readonly status: "waiting";
    /** Until the next attempt, in ms from the moment this state began. */
    readonly delayMs: number;
    /** `busy`: the server is there and has no room. `lost`: it cannot be reached. */
    readonly cause: "lost" | "busy";
  }
  | { readonly status: "closed"; readonly reason: ClosedReason };

/** What a {@linkcode ReconnectingSocket} needs, and whom it tells. */
export interface ReconnectingSocketOptions {
  /** The address of the next attempt, `ws:` or `wss:`. */
  readonly url: () => string;
  /** The key, where the server asks for one. */
  readonly apiKey: string | undefined;
  /** Spreads reconnections; 0 up to, not including, 1. */
  readonly random: () => number;
  /** A connection is open: send what comes first. */
  readonly onOpen: () => void;
  /** A text frame came. */
  readonly onText: (frame: string) => void;
  /** A binary frame came. */
  readonly onBinary: (frame: ArrayBuffer) => void;
  /** The connection stands otherwise. */
  readonly onChange: (connection: Connection) => void;
}

/** A WebSocket that comes back by itself, until it is closed or told not to come back. */
export interface ReconnectingSocket {
  /** Connects now, also when it was waiting or closed. Does nothing when it is connecting or online. */
  open(): void;
  /** Ends the connection and all attempts. */
  close(): void;
  /** Sends a frame. What cannot be sent now is dropped: after a reconnection it would be stale. */
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  /** Bytes that wait for the network. */
  readonly bufferedAmount: number;
}

/** Characters that may stand in a subprotocol (RFC 6455 section 4.1, by RFC 9110 `token`). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Makes a WebSocket that comes back by itself. It sends the key as a subprotocol, as a browser cannot set
 * headers. A handshake that fails tells a browser nothing, so the same address is then asked over HTTP why.
 */
export function createReconnectingSocket(options: ReconnectingSocketOptions): ReconnectingSocket {
  const { apiKey, random, onChange } = options;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();
  let attempt = 0;

  function open(): void {
    if (socket !== undefined) return;
    stopWaiting();
    if (apiKey !== undefined && !TOKEN.test(apiKey)) {
      onChange({ status: "closed", reason: "unauthorised" });
      return;
    }
    onChange({ status: "connecting" });
    connect(options.url());
  }

  function connect(url: string): void {
    const protocols = apiKey === undefined
      ? ["realtime"]
      : ["realtime", `openai-insecure-api-key.${apiKey}`];
    const current = new WebSocket(url, protocols);
    let opened = false;
    current.binaryType = "arraybuffer";
    current.onopen = () => {
      opened = true;
      if (socket !== current) return;
      onChange({ status: "online" });
      options.onOpen();
    };
    current.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== current) return;
      attempt = 0; // only now: a server that accepts and hangs up at once must not be hammered
      if (typeof data === "string") options.onText(data);
      else options.onBinary(data);
    };
    current.onclose = ({ code }: CloseEvent) => {
      if (socket !== current) return;
      socket = undefined;
      if (opened) closed(code);
      else void refused(url);
    };
    socket = current;
  }

  function closed(code: number): void {
    const verdict = judgeClose(code);
    if (verdict.retry) wait("lost", 0);
    else onChange({ status: "closed", reason: verdict.reason });
  }

  async function refused(url: string): Promise<void> {
    asking = new AbortController();
    const { signal } = asking;
    const answer = await askWhy(url, apiKey, signal);
    if (signal.aborted) return;
    if (answer.unauthorised) onChange({ status: "closed", reason: "unauthorised" });
    else wait(answer.busy ? "busy" : "lost", answer.retryAfterMs);
  }

  function wait(cause: "lost" | "busy", atLeastMs: number): void {
    const delayMs = Math.max(atLeastMs, reconnectDelay(attempt++, random()));
    timer = setTimeout(open, delayMs);
    onChange({ status: "waiting", delayMs, cause });
  }

  function stopWaiting(): void {
    asking.abort();
    clearTimeout(timer);
  }

  return {
    open,
    close() {
      stopWaiting();
      attempt = 0;
      const current = socket;
      socket = undefined;
      current?.close(1000);
      onChange({ status: "offline" });
    },
    send(frame) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(frame);
    },
    get bufferedAmount() {
      return socket?.bufferedAmount ?? 0;
    },
  };
}

/** What the server says over HTTP of an address that refused a WebSocket. */
interface Refusal {
  readonly unauthorised: boolean;
  readonly busy: boolean;
  readonly retryAfterMs: number;
}

const UNREACHABLE: Refusal = { unauthorised: false, busy: false, retryAfterMs: 0 };

async function askWhy(
  url: string,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<Refusal> {
  try {
    const response = await fetch(url.replace(/^ws/, "http"), {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal,
    });
    await response.body?.cancel();
    const seconds = Number(response.headers.get("retry-after"));
    return {
      unauthorised: response.status === 401 || response.status === 403,
      busy: response.status === 429 || response.status === 503,
      retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : 0,
    };
  } catch {
    return UNREACHABLE;
  }
}
