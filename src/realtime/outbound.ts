import { setImmediate } from "node:timers/promises";
import { wireBytes } from "@/telemetry/metrics.ts";

/** The part of a WebSocket that the outbound queue uses. */
export interface OutboundSocket {
  /** As `WebSocket.readyState`: 1 is open. */
  readonly readyState: number;
  /** Bytes handed over that the network has not taken. */
  readonly bufferedAmount: number;
  /** Never blocks. */
  send(frame: string | Uint8Array<ArrayBuffer>): void;
  /** Sends what was handed over, then closes. */
  close(code?: number, reason?: string): void;
}

/** Where the outbound queue is bounded. */
export interface OutboundOptions {
  /** Bytes in the socket above which frames wait here. Default 256 KiB. */
  readonly highWaterMark?: number;
  /** Bytes that may wait here before the client counts as one that does not read. Default 8 MiB. */
  readonly maxQueued?: number;
  /** Called once when `maxQueued` is passed. What waited is gone by then; the connection has to be closed. */
  readonly onOverflow: () => void;
}

/** How a connection is closed. */
export interface CloseFrame {
  /** 1000, 1001, 1008, 1009, 1011, or one of ours from 4000. */
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason: string;
}

/** The one ordered way out of a session. Every frame goes through it, whoever wrote it. */
export interface Outbound {
  /** Sends a frame after all before it. `audioOf` names the response whose speech it is. */
  send(frame: string | Uint8Array<ArrayBuffer>, audioOf?: string): void;
  /**
   * Sends frames after all before them, each made when the socket takes it: they are as many as they like, and
   * take no room here. What is sent later waits behind them.
   */
  sendAll(frames: Iterable<string>): void;
  /** Takes back the speech of a response that has not reached the socket. */
  dropAudio(responseId: string): void;
  /** Settles when a frame would reach the socket at once, or never again. */
  room(): Promise<void>;
  /**
   * Ends the queue; later frames are dropped. With a frame, what waits is sent first, but for what is yet to be
   * made, and the socket closed with it; without one the socket is gone already.
   */
  close(frame?: CloseFrame): void;
}

interface QueuedFrame {
  readonly frame: string | Uint8Array<ArrayBuffer>;
  readonly audioOf: string | undefined;
}

/** Frames that are made when it is their turn. */
interface FramesToMake {
  readonly toMake: Iterator<string>;
}

/** How often a full socket is looked at, in ms: it has no event that says it drained. */
const POLL_MS = 10;

const OPEN = 1;

/**
 * Hands frames to the socket in order while it takes them, and keeps them while it does not: `send` of a
 * WebSocket never blocks, and buffers without limit for a client that does not read.
 */
export function createOutbound(socket: OutboundSocket, options: OutboundOptions): Outbound {
  const { highWaterMark = 256 * 1024, maxQueued = 8 * 1024 * 1024, onOverflow } = options;
  let queue: (QueuedFrame | FramesToMake)[] = [];
  let queuedBytes = 0;
  let waiting: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let unflushed = false;

  function takes(): boolean {
    return socket.bufferedAmount <= highWaterMark;
  }

  function hand(frame: QueuedFrame["frame"]): void {
    unflushed = true;
    if (socket.readyState !== OPEN) return;
    wireBytes.inc({ direction: "out" }, frame.length);
    socket.send(frame);
  }

  function drain(): void {
    timer = undefined;
    let sent = 0;
    while (sent < queue.length && takes()) {
      const next = queue[sent]!;
      if ("toMake" in next) {
        const { done, value } = next.toMake.next();
        if (done) sent++;
        else hand(value);
        continue;
      }
      sent++;
      queuedBytes -= sizeOf(next.frame);
      hand(next.frame);
    }
    queue = queue.slice(sent);
    if (takes()) release();
    else schedule();
  }

  function schedule(): void {
    timer ??= setTimeout(drain, POLL_MS);
  }

  function release(): void {
    const settled = waiting;
    waiting = [];
    for (const resolve of settled) resolve();
  }

  /** Lets what was handed over leave: the socket writes only once the event loop turns. */
  async function flushed(): Promise<void> {
    unflushed = false;
    await setImmediate();
  }

  function end(): void {
    closed = true;
    clearTimeout(timer);
    queue = [];
    queuedBytes = 0;
    release();
  }

  return {
    send(frame, audioOf) {
      if (closed) return;
      if (queue.length === 0 && takes()) return hand(frame);
      queue.push({ frame, audioOf });
      queuedBytes += sizeOf(frame);
      if (queuedBytes > maxQueued) {
        end();
        return onOverflow();
      }
      schedule();
    },

    sendAll(frames) {
      if (closed) return;
      const first = queue.length === 0;
      queue.push({ toMake: frames[Symbol.iterator]() });
      if (first && takes()) drain();
      else schedule();
    },

    dropAudio(responseId) {
      queue = queue.filter((each) => {
        if ("toMake" in each || each.audioOf !== responseId) return true;
        queuedBytes -= sizeOf(each.frame);
        return false;
      });
    },

    room() {
      if (closed) return Promise.resolve();
      if (queue.length === 0 && takes()) return unflushed ? flushed() : Promise.resolve();
      schedule();
      return new Promise((resolve) => waiting.push(resolve));
    },

    close(frame) {
      if (!closed) {
        if (frame !== undefined) {
          for (const each of queue) if ("frame" in each) hand(each.frame);
        }
        end();
      }
      if (frame !== undefined && socket.readyState <= OPEN) socket.close(frame.code, frame.reason);
    },
  };
}

/** Bytes of a frame; for text an estimate, since nearly all of it is ASCII. */
function sizeOf(frame: string | Uint8Array<ArrayBuffer>): number {
  return frame.length;
}
