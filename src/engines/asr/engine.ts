import type { MarkedFrame } from "@/audio/frame.ts";
import type { Engine, RequestOptions } from "@/engines/engine.ts";

/**
 * What an utterance says, as far as it is known. Each one replaces the one before it.
 *
 * - `partial`: made while the user speaks; the rest may change it
 * - `eager`: made in a pause, of all that was said before it; it is the final one if the silence lasts
 * - `final`: the utterance has ended; always the last, always exactly one unless the recogniser fails
 */
export interface Transcript {
  readonly kind: "partial" | "eager" | "final";
  /** `""` where nothing was said. */
  readonly text: string;
}

/** How to transcribe one utterance. */
export interface TranscribeOptions extends RequestOptions {
  /** BCP 47 tag of what is spoken, e.g. `"en"`; the engine's own default without it. */
  readonly language?: string;
  /** Words to expect: names, terms, the topic. Engines without such a feature ignore it. */
  readonly prompt?: string;
  /**
   * The earliest text that somebody waits for. Those before it need not be made: each is a run of the model. `final`
   * is a recording, for which conversations need not wait. @default {"partial"}
   */
  readonly earliest?: Transcript["kind"];
}

/** Turns speech into text. */
export interface SpeechRecogniser extends Engine {
  /** Reads one utterance to its end and yields what it says. Rejects promptly once `signal` aborts. */
  transcribe(
    audio: ReadableStream<MarkedFrame>,
    options: TranscribeOptions,
  ): AsyncIterable<Transcript>;
}
