import { FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE } from "@/audio/frame.ts";
import { createFrameMarker, type Marked, type UnmarkedFrame } from "@/pipeline/frame_marker.ts";
import {
  type HeardFrame,
  type OpenUtterance,
  openUtterance,
  type Utterance,
  type UtteranceEnd,
} from "@/pipeline/utterance.ts";
import { DEFAULT_MIN_SPEECH_MS, DEFAULT_THRESHOLD } from "@/pipeline/voice_activity.ts";

/**
 * How turns are found: by the voice, or only by the client's commits. In both, the VAD marks the frames.
 *
 * A change takes effect at the next frame. An utterance that the voice began goes on, and in manual mode waits
 * for a commit; audio that awaits a commit is dropped when the voice takes over.
 */
export type Detection =
  | {
    readonly mode: "voice";
    /** Probability from which a frame is speech, 0 to 1. */
    readonly threshold: number;
    /** Audio that an utterance begins with from before its first speech, in ms. */
    readonly prefixPaddingMs: number;
    /** Speech shorter than this is a cough, in ms. */
    readonly minSpeechMs: number;
    /** Whether the VAD hears the audio without its noise. Utterances carry the original. */
    readonly denoise: boolean;
  }
  | { readonly mode: "manual"; readonly denoise: boolean };

/** Least audio that a commit makes an utterance of, in samples: 100 ms, the protocol's. */
const MIN_COMMIT_SAMPLES = SAMPLE_RATE / 10;

/** Frames kept beyond the prefix padding, so that a commit in silence finds its 100 ms even without padding. */
const SPARE_FRAMES = Math.ceil(MIN_COMMIT_SAMPLES / FRAME_SAMPLES);

/** What an assembler asks and tells. */
export interface AssemblerOptions {
  /** Whether an utterance that the voice began is over, given the silence at its end in ms. */
  readonly endOfTurn: (utterance: Utterance, silenceMs: number) => boolean;
  /** Longest utterance that the voice began, in ms. */
  readonly maxMs: number;
  /** Makes an id that no other item has. */
  readonly newId: () => string;
  /** Name of the VAD. */
  readonly engine: string;
  /** Passes a new utterance on. False if there is no room for it: then it never was. */
  readonly offer: (utterance: Utterance) => boolean;
}

/** Makes utterances of frames. All of it is synchronous. */
export interface Assembler {
  /** One more frame, whose probability is known. */
  frame(frame: UnmarkedFrame, detection: Detection): void;
  /** Prepares for a mode that may be new. */
  follow(mode: Detection["mode"]): void;
  /** Whether there is enough to commit, with `more` samples that are not a frame yet. */
  committable(more: number): boolean;
  /** Ends the running utterance with `tail`; without one, makes one of what is kept. Returns its id. */
  commit(tail: UnmarkedFrame | undefined): string | undefined;
  /** Whether an utterance runs. */
  running(): boolean;
  /** Drops the running utterance and all that is kept. */
  drop(reason: unknown): void;
}

/** Starts assembling the utterances of one microphone. */
export function createAssembler(
  { endOfTurn, maxMs, newId, engine, offer }: AssemblerOptions,
): Assembler {
  const marker = createFrameMarker();
  let kept: HeardFrame[] = []; // may begin the next utterance
  let current: OpenUtterance | undefined;
  let mode: Detection["mode"] | undefined;

  function open(origin: Utterance["origin"], frames: readonly HeardFrame[]): void {
    const opened = openUtterance({ id: newId(), origin, frames, engine });
    kept = [];
    if (offer(opened.utterance)) current = opened;
    else marker.release();
  }

  function end(cause: Extract<UtteranceEnd, { kind: "turn" }>["cause"]): void {
    for (const frame of marker.release()) current?.push(frame);
    current?.end(cause);
    current = undefined;
  }

  function drop(reason: unknown): void {
    current?.drop(reason);
    current = undefined;
    marker.release();
    kept = [];
  }

  /** A running utterance goes on, or is over. */
  function go(running: OpenUtterance, { frames, state }: Marked): void {
    for (const frame of frames) running.push(frame);
    if (mode === "manual") return;
    if (
      state.kind === "pausing" && endOfTurn(running.utterance, state.windows * FRAME_MS)
    ) return end("silence");
    if (running.lengthMs() >= maxMs) end("length");
  }

  /** Nobody spoke so far. */
  function watch({ frames, event }: Marked, prefixPaddingMs: number): void {
    const prefixFrames = Math.ceil(prefixPaddingMs / FRAME_MS);
    if (event === "started") {
      const prefix = prefixFrames === 0 ? [] : kept.slice(-prefixFrames);
      return open("voice", [...prefix, ...frames]);
    }
    kept.push(...frames);
    kept.splice(0, kept.length - prefixFrames - SPARE_FRAMES);
  }

  /** All that comes is for the next commit. */
  function gather({ frames }: Marked): void {
    kept.push(...frames);
    if (kept.length > 0 && committable(0)) open("commit", kept);
  }

  function committable(more: number): boolean {
    if (current !== undefined) return true;
    const samples = [...kept, ...marker.held()].reduce(
      (sum, { start, end }) => sum + end - start,
      0,
    );
    return samples + more >= MIN_COMMIT_SAMPLES;
  }

  function follow(next: Detection["mode"]): void {
    if (next === mode) return;
    if (mode !== undefined && current?.utterance.origin !== "voice") {
      drop(new DOMException("Turn detection was switched on", "AbortError"));
    }
    mode = next;
  }

  return {
    frame(frame, detection) {
      follow(detection.mode);
      const marked = marker.mark(frame, sensitivity(detection));
      if (current !== undefined) go(current, marked);
      else if (detection.mode === "voice") watch(marked, detection.prefixPaddingMs);
      else gather(marked);
    },
    follow,
    committable,
    commit(tail) {
      const frames = tail === undefined ? [] : marker.mark(tail, sensitivity(undefined)).frames;
      if (current === undefined) open("commit", [...kept, ...frames, ...marker.release()]);
      else for (const frame of frames) current.push(frame);
      const id = current?.utterance.id;
      end("commit");
      return id;
    },
    running: () => current !== undefined,
    drop,
  };
}

/** How the VAD's probabilities are read; as by default where no turns are detected. */
function sensitivity(detection: Detection | undefined) {
  return detection?.mode === "voice"
    ? detection
    : { threshold: DEFAULT_THRESHOLD, minSpeechMs: DEFAULT_MIN_SPEECH_MS };
}
