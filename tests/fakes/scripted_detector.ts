import { abortable } from "@std/async/abortable";
import { type AudioFrame, FRAME_SAMPLES } from "@/audio/frame.ts";
import type { SpeechProbability, VoiceActivityDetector } from "@/engines/vad/engine.ts";

/** What the detector answers for one frame: a probability, or what it fails with. */
export type ScriptedAnswer = number | Error;

/** How a {@linkcode ScriptedDetector} behaves. */
export interface ScriptedDetectorOptions {
  readonly name?: string;
  /** Each frame waits for this; by default they are answered at once. */
  readonly gate?: () => Promise<void>;
}

/** A detector that answers by list, frame after frame, and with 0 when the list is at its end. */
export class ScriptedDetector implements VoiceActivityDetector {
  readonly name: string;
  /** Every frame heard so far, oldest first. */
  readonly frames: AudioFrame[] = [];
  readonly #answers: readonly ScriptedAnswer[];
  readonly #gate: (() => Promise<void>) | undefined;

  constructor(
    answers: readonly ScriptedAnswer[],
    { name = "scripted", gate }: ScriptedDetectorOptions = {},
  ) {
    this.name = name;
    this.#answers = answers;
    this.#gate = gate;
  }

  listen({ signal }: { readonly signal: AbortSignal }): SpeechProbability {
    return async (frame) => {
      signal.throwIfAborted();
      const answer = this.#answers[this.frames.length] ?? 0;
      this.frames.push(frame);
      if (this.#gate) await abortable(this.#gate(), signal);
      if (answer instanceof Error) throw answer;
      return answer;
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Probabilities from a picture: `#` is speech, `~` is undecided (0.4), anything else silence. */
export function probabilities(picture: string): number[] {
  return [...picture].map((window) => window === "#" ? 0.9 : window === "~" ? 0.4 : 0.02);
}

/** As many frames of audio, each sample telling the number of its frame. */
export function numberedFrames(count: number, first = 0): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: count * FRAME_SAMPLES },
    (_, sample) => (first + Math.floor(sample / FRAME_SAMPLES)) / 1000,
  );
}
