import { SAMPLE_RATE } from "@/audio/frame.ts";

/** What a client sends of its microphone. Commands travel with the audio: they apply after all audio before them. */
export type MicrophoneInput =
  | {
    readonly kind: "audio";
    /** Any number of samples at 16 kHz. */
    readonly samples: Float32Array;
    /** When they arrived, in ms. */
    readonly at: number;
  }
  | {
    /** Makes one utterance of what is there. */
    readonly kind: "commit";
    /**
     * Called with the id of the utterance that was closed, or `undefined` if less than 100 ms were there. Not
     * called if the stream fails first.
     */
    readonly settled: (utteranceId: string | undefined) => void;
  }
  | {
    /** Forgets what is there. */
    readonly kind: "clear";
    /** Called when it is forgotten; not if the stream fails first. */
    readonly settled: () => void;
  };

/** What comes out: the input, and where some of it had to be left out. */
export type QueuedInput =
  | MicrophoneInput
  | { readonly kind: "gap"; readonly samples: number };

/** Audio that may wait for the VAD, in seconds: a client may send a long recording at once. 38 MB. */
export const MAX_WAITING_SECONDS = 600;

/** The two ends of the queue. */
export interface MicrophoneQueue {
  /** Takes everything at once; closing it waits for {@linkcode MicrophoneQueueOptions.drained}. */
  readonly writable: WritableStream<MicrophoneInput>;
  readonly readable: ReadableStream<QueuedInput>;
  /** Errors both ends. */
  fail(reason: unknown): void;
}

/** Whom a queue tells. */
export interface MicrophoneQueueOptions {
  /** Called once each time audio begins to be left out because too much waits. */
  readonly onOverflow: () => void;
  /** Settles when all that was queued has been dealt with. */
  readonly drained: Promise<void>;
}

/**
 * Lets a microphone write at arrival speed, however far the listener is behind. Beyond
 * {@linkcode MAX_WAITING_SECONDS} new audio is left out, and counted, so that the clock of the audio stays right.
 */
export function createMicrophoneQueue(
  { onOverflow, drained }: MicrophoneQueueOptions,
): MicrophoneQueue {
  let input: WritableStreamDefaultController;
  let output: ReadableStreamDefaultController<QueuedInput>;
  let leftOut = 0;

  function write(item: MicrophoneInput): void {
    if (item.kind === "audio" && item.samples.length > output.desiredSize!) {
      if (leftOut === 0) onOverflow();
      leftOut += item.samples.length;
      return;
    }
    if (leftOut > 0) output.enqueue({ kind: "gap", samples: leftOut });
    leftOut = 0;
    output.enqueue(item);
  }

  const writable = new WritableStream<MicrophoneInput>({
    start(controller) {
      input = controller;
    },
    write,
    close() {
      output.close();
      return drained;
    },
    abort(reason) {
      output.error(reason);
    },
  }, { highWaterMark: 1 });

  const readable = new ReadableStream<QueuedInput>({
    start(controller) {
      output = controller;
    },
  }, {
    highWaterMark: MAX_WAITING_SECONDS * SAMPLE_RATE,
    size: (item) => item.kind === "audio" ? item.samples.length : 1,
  });

  return {
    writable,
    readable,
    fail(reason) {
      input.error(reason);
      output.error(reason);
    },
  };
}
