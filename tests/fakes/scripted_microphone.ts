import { FRAME_SAMPLES } from "@/audio/frame.ts";
import {
  type Detection,
  type DetectOptions,
  detectUtterances,
  type MicrophoneInput,
  type Utterance,
} from "@/pipeline/detect_utterances.ts";
import {
  numberedFrames,
  type ScriptedAnswer,
  ScriptedDetector,
  type ScriptedDetectorOptions,
} from "./scripted_detector.ts";

/** Turns found by the voice, as the protocol has them by default. */
export const BY_VOICE = {
  mode: "voice",
  threshold: 0.5,
  prefixPaddingMs: 96, // three frames
  minSpeechMs: 100, // three frames
  denoise: false,
} as const satisfies Detection;

/** A turn ends after four frames of silence. */
export const SILENCE_MS = 128;

/** A microphone whose frames carry their number, before a detector that answers by list. */
export interface ScriptedMicrophone {
  readonly vad: ScriptedDetector;
  readonly writer: WritableStreamDefaultWriter<MicrophoneInput>;
  readonly utterances: ReadableStreamDefaultReader<Utterance>;
  readonly abort: AbortController;
  /** What was reported. */
  readonly errors: unknown[];
  /** Speaks that many frames, one at a time; frame n arrives at n + 1 seconds. */
  frames(count: number): void;
  /** Audio of any length, in one piece; its samples have the value 0. */
  samples(count: number): void;
  commit(): Promise<string | undefined>;
  clear(): Promise<void>;
}

/** Opens a microphone before {@linkcode detectUtterances}. Utterances are called `item_0`, `item_1`, … */
export function openMicrophone(
  answers: readonly ScriptedAnswer[],
  options: Partial<DetectOptions> & Pick<ScriptedDetectorOptions, "gate"> = {},
): ScriptedMicrophone {
  const { gate, ...detect } = options;
  const vad = new ScriptedDetector(answers, gate === undefined ? {} : { gate });
  const abort = new AbortController();
  const errors: unknown[] = [];
  let ids = 0;
  let sent = 0;
  const { readable, writable } = detectUtterances(vad, {
    signal: abort.signal,
    detection: () => BY_VOICE,
    endOfTurn: (_, silenceMs) => silenceMs >= SILENCE_MS,
    newId: () => `item_${ids++}`,
    onError: (error) => errors.push(error),
    ...detect,
  });
  const writer = writable.getWriter();
  writer.closed.catch(() => {});

  function write(samples: Float32Array): void {
    sent += samples.length;
    writer.write({ kind: "audio", samples, at: sent / FRAME_SAMPLES * 1000 }).catch(() => {});
  }

  return {
    vad,
    writer,
    utterances: readable.getReader(),
    abort,
    errors,
    frames(count) {
      const first = Math.floor(sent / FRAME_SAMPLES);
      for (let i = 0; i < count; i++) write(numberedFrames(1, first + i));
    },
    samples: (count) => write(new Float32Array(count)),
    commit: () =>
      new Promise((settled, reject) => writer.write({ kind: "commit", settled }).catch(reject)),
    clear: () =>
      new Promise((settled, reject) => writer.write({ kind: "clear", settled }).catch(reject)),
  };
}

/** An utterance in a picture: `s`peech, `p`ause, `r`esume, with the number of its first frame. */
export async function pictureOf(
  { audio }: Pick<Utterance, "audio">,
): Promise<{ first: number; marks: string }> {
  const frames = await Array.fromAsync(audio);
  return {
    first: Math.round((frames[0]?.samples[0] ?? NaN) * 1000),
    marks: frames.map(({ mark }) => mark[0]).join(""),
  };
}
