import type { InboundFrame } from "@/realtime/dispatch.ts";

/** Where the inbound queue is bounded. */
export interface InboundOptions {
  /** Bytes that may wait. */
  readonly maxBytes: number;
  /** Bytes of one frame counted at least, so that a flood of tiny ones is bounded too. */
  readonly minFrameBytes: number;
}

/** The frames of a client, in order, as they wait to be served. */
export interface Inbound extends AsyncIterable<InboundFrame> {
  /** Returns false, and keeps nothing, if the queue is full. */
  push(frame: InboundFrame): boolean;
  /** Ends the iteration at once; what waits is dropped. */
  close(): void;
}

/** Keeps what a client sends while what it sent before is served. It has one reader. */
export function createInbound({ maxBytes, minFrameBytes }: InboundOptions): Inbound {
  const queue: InboundFrame[] = [];
  let bytes = 0;
  let closed = false;
  let wake: (() => void) | undefined;

  function weigh(frame: InboundFrame): number {
    return Math.max(frame.length, minFrameBytes);
  }

  return {
    push(frame) {
      if (closed) return true;
      if (bytes + weigh(frame) > maxBytes) return false;
      queue.push(frame);
      bytes += weigh(frame);
      wake?.();
      return true;
    },

    close() {
      closed = true;
      queue.length = 0;
      wake?.();
    },

    async *[Symbol.asyncIterator]() {
      while (!closed) {
        const frame = queue.shift();
        if (frame === undefined) {
          await new Promise<void>((resolve) => wake = resolve);
          continue;
        }
        bytes -= weigh(frame);
        yield frame;
      }
    },
  };
}
