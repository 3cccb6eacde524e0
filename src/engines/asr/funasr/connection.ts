import { delay } from "@std/async/delay";
import { type FunAsrMessage, readMessage } from "@/engines/asr/funasr/protocol.ts";
import { failureOfStatus } from "@/engines/http_status.ts";
import { EngineError, type EngineFailure } from "@/errors.ts";

/** Bytes that may wait in the socket: 2 s of speech. */
const HIGH_WATER_MARK = 64_000;

/** How often a full socket is looked at, in ms: it has no event that says it drained. */
const POLL_MS = 20;

/** Who is told what comes over a connection. */
export interface ConnectionEvents {
  readonly onMessage: (message: FunAsrMessage) => void;
  /** Called at most once, and never after `close`. */
  readonly onFailure: (error: EngineError) => void;
}

/** How to connect. */
export interface ConnectOptions extends ConnectionEvents {
  /** Ms in which the server must open the connection, and take something of what waits for it. */
  readonly patienceMs: number;
}

/** One connection to a FunASR server. */
export interface Connection {
  /** Settles once there is room for more. Rejects when the connection cannot be had, fails or is closed. */
  send(message: string | Uint8Array<ArrayBuffer>): Promise<void>;
  /** Settles once the server has taken all that was sent. Rejects as `send` does. */
  drained(): Promise<void>;
  /** Ends it at once, in whatever state. */
  close(): void;
  /** Settles when the server has opened it. Rejects when it cannot be had or is closed before. */
  readonly opened: Promise<void>;
  /** Settles when it has ended. */
  readonly closed: Promise<void>;
}

/** Connects to a server; what is sent before it has answered waits. */
export function connect(
  url: string,
  { onMessage, onFailure, patienceMs }: ConnectOptions,
): Connection {
  const socket = new WebSocket(url);
  const life = new AbortController();
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  opened.promise.catch(() => {}); // told to whoever sends
  const patience = setTimeout(
    () => fail(`does not answer within ${patienceMs} ms`, "timeout"),
    patienceMs,
  );

  function end(reason: unknown): void {
    clearTimeout(patience);
    life.abort(reason);
    opened.reject(reason);
    socket.close();
  }

  function fail(message: string, failure: EngineFailure, cause?: unknown): void {
    if (life.signal.aborted) return;
    const error = new EngineError(`FunASR at ${new URL(url).host} ${message}`, {
      engine: "funasr",
      failure,
      cause,
    });
    end(error);
    onFailure(error);
  }

  socket.onopen = () => {
    clearTimeout(patience);
    opened.resolve();
  };
  socket.onmessage = ({ data }) => {
    if (life.signal.aborted) return;
    let message: FunAsrMessage;
    try {
      message = readMessage(data);
    } catch (cause) {
      return fail("sent what is not of its protocol", "malformed", cause);
    }
    if (message.error === undefined) onMessage(message);
    else fail("reported an error", "crashed", new Error(message.error));
  };
  socket.onerror = (event) => {
    const { message } = event as ErrorEvent;
    fail(`cannot be reached: ${message}`, failureOf(message));
  };
  socket.onclose = () => {
    fail("closed the connection", "unavailable");
    closed.resolve();
  };

  /** Waits until no more than so many bytes wait. */
  async function drainTo(bytes: number): Promise<void> {
    for (let waited = 0; socket.bufferedAmount > bytes; waited += POLL_MS) {
      if (waited >= patienceMs) fail(`took nothing for ${patienceMs} ms`, "timeout");
      await delay(POLL_MS, { signal: life.signal });
    }
  }

  return {
    async send(message) {
      await opened.promise;
      life.signal.throwIfAborted();
      socket.send(message);
      await drainTo(HIGH_WATER_MARK);
    },
    drained: () => drainTo(0),
    opened: opened.promise,
    close: () => end(new DOMException("The connection was closed", "AbortError")),
    closed: closed.promise,
  };
}

/** What an upgrade that was refused means. Deno tells the status in words alone. */
function failureOf(message: string): EngineFailure {
  const status = /status code: ([45]\d\d)/.exec(message)?.[1];
  return status === undefined ? "unavailable" : failureOfStatus(Number(status));
}
