import { getLogger } from "@logtape/logtape";
import type { Client } from "@/conversation/client.ts";
import { onAbort } from "@/conversation/on_abort.ts";
import type { Session, SessionEnd } from "@/conversation/session.ts";
import { createClientWriter } from "@/realtime/client_writer.ts";
import { dispatchFrame } from "@/realtime/dispatch.ts";
import { createEmit } from "@/realtime/encode.ts";
import { toErrorEvent } from "@/realtime/error_event.ts";
import type { Handshake } from "@/realtime/handshake.ts";
import { createInbound } from "@/realtime/inbound.ts";
import { type CloseFrame, createOutbound } from "@/realtime/outbound.ts";
import { createTimeSlice } from "@/realtime/time_slice.ts";
import { InvalidRequest } from "@/errors.ts";
import { withLogContext } from "@/telemetry/logging.ts";
import { wireBytes } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "realtime"]);

/** Largest frame from a client, in bytes, or UTF-16 units of text: 15 MiB of base64 and what stands around it. */
const MAX_FRAME = 16 * 1024 * 1024;

/** What may wait to be served, in bytes: two of the largest frames, or 131,072 of the smallest. */
const INBOUND = { maxBytes: 2 * MAX_FRAME, minFrameBytes: 256 };

/**
 * How long a client may take to answer a close frame, in ms. A process that exits before, while audio comes in,
 * takes the frame back: TCP resets a connection that has unread bytes.
 */
const CLOSE_MS = 1000;

/**
 * How long a socket may take to open after its upgrade, in ms. It does so in milliseconds, or never: of a client that
 * is gone before the answer Deno tells its socket nothing.
 */
const OPEN_MS = 10_000;

/** What a client asked of its session when it connected. */
export type ConnectionRequest = Pick<
  Handshake,
  "subject" | "model" | "resume" | "type" | "session"
>;

/** Opens the session of a connection: a new one, or a stored one to go on with. */
export type OpenSession = (client: Client, request: ConnectionRequest) => Promise<Session>;

/** How the end of a session is told to its client; `undefined` where nobody is left to hear. */
const CLOSE_FRAMES: Readonly<Record<SessionEnd, CloseFrame | undefined>> = {
  disconnected: undefined,
  idle: { code: 1000, reason: "Nothing has been said for too long" },
  expired: { code: 1000, reason: "The session has expired" },
  taken_over: { code: 4001, reason: "Another connection has taken the session over" },
  deleted: { code: 1000, reason: "The session was deleted" },
  shutdown: {
    code: 1001,
    reason: "The server restarts. Connect again with ?session= and this session's id",
  },
  failed: { code: 1011, reason: "The server failed" },
};

/**
 * Serves one connection from its upgrade to its end. Frames are served strictly one after another, those that
 * came before the session was open first; the session is disposed of as soon as the socket is gone.
 *
 * @param left Aborts if the client leaves before the socket is open: the signal of its request.
 * @returns once nothing of the session is left. Never rejects.
 */
export async function serveSession(
  socket: WebSocket,
  handshake: Handshake,
  openSession: OpenSession,
  left?: AbortSignal,
): Promise<void> {
  const { dialect, binaryAudio } = handshake;
  const gone = new AbortController();
  const { signal } = gone;
  const inbound = createInbound(INBOUND);
  const outbound = createOutbound(socket, {
    onOverflow: () => hangUp({ code: 1008, reason: "The client does not read" }),
  });
  const emit = createEmit(outbound, dialect);

  /** Ends the connection, once: a socket may report its end several times. */
  function hangUp(frame?: CloseFrame): void {
    outbound.close(frame);
    inbound.close();
    gone.abort();
  }

  /** Nobody waits for this socket any more. Deno opens even one that was closed before: it is closed again. */
  function giveUp(): void {
    logger.debug("A client left before its connection was open");
    hangUp();
    socket.addEventListener("open", () => socket.close(CLOSE_FRAMES.failed?.code));
  }

  function receive({ data }: MessageEvent<string | ArrayBuffer>): void {
    const frame = typeof data === "string" ? data : new Uint8Array(data);
    wireBytes.inc({ direction: "in" }, frame.length);
    if (frame.length > MAX_FRAME) {
      return hangUp({ code: 1009, reason: "The message is too big" });
    }
    if (!inbound.push(frame)) {
      hangUp({ code: 1008, reason: "Too many messages wait to be served" });
    }
  }

  function endWith(session: Session): void {
    const end = session.signal.reason as SessionEnd;
    if (end === "expired") emit(toErrorEvent(sessionExpired(), null));
    hangUp(CLOSE_FRAMES[end]);
  }

  async function serveFrames(session: Session): Promise<void> {
    const slice = createTimeSlice();
    for await (const frame of inbound) {
      await slice.spend(() => dispatchFrame(frame, { session, emit, dialect, binaryAudio }));
    }
  }

  async function converse(session: Session): Promise<void> {
    onAbort(session.signal, () => endWith(session), { until: signal });
    void serveFrames(session); // never rejects; what it still does is the session's to end
    await new Promise<void>((resolve) => onAbort(signal, resolve));
    await session[Symbol.asyncDispose]();
    await closed(socket);
  }

  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", receive, { signal });
  socket.addEventListener("close", () => hangUp(), { signal });
  socket.addEventListener("error", () => hangUp(), { signal });

  try {
    const open = await opened(socket, { left, gone: signal });
    if (signal.aborted) return;
    if (!open) return giveUp();
    const session = await openSession(createClientWriter(outbound, handshake), handshake);
    await withLogContext({ sessionId: session.view().id }, () => converse(session));
  } catch (error) {
    logger.error("A session failed: {error}", { error });
    hangUp(CLOSE_FRAMES.failed);
  }
}

/** What ends the waiting for a socket to open. */
interface OpeningEnds {
  /** The client left before. */
  readonly left: AbortSignal | undefined;
  /** The socket was closed, or failed. */
  readonly gone: AbortSignal;
}

/** Settles when the socket is open, or never will be; tells which. */
function opened(socket: WebSocket, { left, gone }: OpeningEnds): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.readyState !== WebSocket.CONNECTING) return resolve(true);
    const over = new AbortController();
    const timer = setTimeout(() => settle(false), OPEN_MS);
    const until = over.signal;
    socket.addEventListener("open", () => settle(true), { signal: until });
    onAbort(gone, () => settle(false), { until });
    onAbort(left, () => settle(false), { until });
    function settle(open: boolean): void {
      clearTimeout(timer);
      over.abort();
      resolve(open);
    }
  });
}

/** Settles when the socket is closed, or the client has had its time to answer the close frame. */
function closed(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    const timer = setTimeout(settle, CLOSE_MS);
    socket.addEventListener("close", settle);
    function settle(): void {
      clearTimeout(timer);
      socket.removeEventListener("close", settle);
      resolve();
    }
  });
}

function sessionExpired(): InvalidRequest {
  return new InvalidRequest("The session has reached its longest duration.", {
    code: "session_expired",
  });
}
