import type { Engine, RequestOptions } from "@/engines/engine.ts";

/** How to speak one sentence. */
export interface SynthesisOptions extends RequestOptions {
  /** One of {@linkcode SpeechSynthesiser.voices}; any other name means the default voice. */
  readonly voice?: string;
  /** 0.25 to 4, 1 is natural. */
  readonly speed?: number;
  /** BCP 47 tag of the text. */
  readonly language?: string;
  /** Speak it anew, even where its speech was kept: to see whether the engine works. */
  readonly anew?: true;
}

/** When a word is spoken, in samples from the sentence's start. */
export interface WordTiming {
  readonly word: string;
  readonly startSample: number;
}

/** A piece of speech: mono, −1 to 1. One sentence keeps one rate. */
export interface Speech {
  readonly samples: Float32Array<ArrayBuffer>;
  /** Hz. */
  readonly sampleRate: number;
  /** Words that begin in this piece, where the engine knows. */
  readonly words?: readonly WordTiming[];
  /** It comes from a cache, and says nothing of the engine. */
  readonly kept?: true;
  /** The engine failed in mid-sentence: this is all there will be of it. Has no samples. */
  readonly brokenOff?: true;
}

/** Turns text into speech. */
export interface SpeechSynthesiser extends Engine {
  /** Names of its voices, the default one first. */
  readonly voices: readonly string[];
  /** Yields audio as soon as it exists; nothing for a text without words. Rejects promptly once `signal` aborts. */
  synthesize(text: string, options: SynthesisOptions): AsyncIterable<Speech>;
}
