import { FRAME_MS, type FrameMark, type MarkedFrame, samplesToMs } from "@/audio/frame.ts";
import { EngineError } from "@/errors.ts";

/** What a user says in one turn, while they say it. */
export interface Utterance {
  readonly id: string;
  /** Whether the VAD found it, or the client asks for all it sent to be one. */
  readonly origin: "voice" | "commit";
  /** Where it begins, prefix padding included: ms of audio written since the session began. */
  readonly startMs: number;
  /** When the first frame of speech arrived; where none is known at the beginning, the first frame. In ms. */
  readonly onsetAt: number;
  /**
   * Its frames, as they arrive. Cancelling drops the rest of them, and nothing else. Errors with an `EngineError`
   * (`overloaded`) if the reader lags {@linkcode MAX_UNREAD_MS} behind, with an `AbortError` if the utterance is
   * dropped, and with the signal's reason if the session ends.
   */
  readonly audio: ReadableStream<MarkedFrame>;
  /** How it ended. Resolves before the audio ends, whoever reads it; never rejects. */
  readonly ended: Promise<UtteranceEnd>;
}

/** How an utterance ended. */
export type UtteranceEnd =
  | {
    readonly kind: "turn";
    /** Silence, the client's wish (or the end of its audio), or 10 minutes. */
    readonly cause: "silence" | "commit" | "length";
    /** Where it ends, silence included: ms of audio written since the session began. */
    readonly endMs: number;
    /** When the last frame of speech arrived; without any, the last frame. In ms. */
    readonly lastSpeechAt: number;
    /** How much of it was speech. */
    readonly speechMs: number;
  }
  /** The client took it back, or the session ended. */
  | { readonly kind: "dropped" };

/** A frame, what was heard in it, and where and when. */
export interface HeardFrame extends MarkedFrame {
  /** When it arrived, in ms. */
  readonly at: number;
  /** In samples written since the session began. */
  readonly start: number;
  /** As `start`. Less than a frame later where silence fills the frame up. */
  readonly end: number;
}

/** How far the reader of an utterance may lag behind its speaker, in ms: what a recogniser takes at once. */
export const MAX_UNREAD_MS = 25_000;

/** What an utterance begins with. */
export interface UtteranceHead {
  readonly id: string;
  readonly origin: Utterance["origin"];
  /** Frames that belong to it already; at least one. */
  readonly frames: readonly HeardFrame[];
  /** Name of the engine that an overload is put down to. */
  readonly engine: string;
}

/** An utterance, and the hand that writes it. */
export interface OpenUtterance {
  /** What its reader gets. */
  readonly utterance: Utterance;
  /** Of its audio so far. */
  lengthMs(): number;
  /** One more frame. */
  push(frame: HeardFrame): void;
  /** The turn is over. */
  end(cause: Extract<UtteranceEnd, { kind: "turn" }>["cause"]): void;
  /** It never was; its audio errors with the reason. */
  drop(reason: unknown): void;
}

/** Opens an utterance. Nothing that its reader does, or leaves undone, holds up or fails the writing. */
export function openUtterance({ id, origin, frames, engine }: UtteranceHead): OpenUtterance {
  const first = frames[0]!;
  const ended = Promise.withResolvers<UtteranceEnd>();
  let controller: ReadableStreamDefaultController<MarkedFrame>;
  let unwanted = false;
  let last = first;
  let lastSpeech: HeardFrame | undefined;
  let speechMs = 0;

  const audio = new ReadableStream<MarkedFrame>({
    start(opened) {
      controller = opened;
    },
    cancel() {
      unwanted = true;
    },
  }, { highWaterMark: Math.ceil(MAX_UNREAD_MS / FRAME_MS) });

  function push(frame: HeardFrame): void {
    last = frame;
    if (isSpeech(frame.mark)) {
      lastSpeech = frame;
      speechMs += FRAME_MS;
    }
    if (unwanted) return;
    if (controller.desiredSize! > 0) return controller.enqueue(frame);
    unwanted = true;
    controller.error(
      new EngineError(`Cannot keep more than ${MAX_UNREAD_MS / 1000} s of unread speech`, {
        engine,
        failure: "overloaded",
      }),
    );
  }

  for (const frame of frames) push(frame);
  return {
    utterance: {
      id,
      origin,
      startMs: samplesToMs(first.start),
      onsetAt: (frames.find(({ mark }) => isSpeech(mark)) ?? first).at,
      audio,
      ended: ended.promise,
    },
    lengthMs: () => samplesToMs(last.end - first.start),
    push,
    end(cause) {
      const lastSpeechAt = (lastSpeech ?? last).at;
      ended.resolve({ kind: "turn", cause, endMs: samplesToMs(last.end), lastSpeechAt, speechMs });
      if (!unwanted) controller.close();
    },
    drop(reason) {
      ended.resolve({ kind: "dropped" });
      controller.error(reason);
    },
  };
}

function isSpeech(mark: FrameMark): boolean {
  return mark !== "pause";
}
