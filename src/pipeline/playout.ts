import type { WordTiming } from "@/engines/tts/engine.ts";
import type { Sentence } from "@/pipeline/sentence_stream.ts";
import type { SpeechChunk } from "@/pipeline/synthesize.ts";

/** Where a sentence lies in the audio of a response. */
export interface SpokenSentence {
  readonly sentence: Sentence;
  /** In samples from the response's beginning. */
  readonly startSample: number;
  /** End of what was sent of it so far. */
  readonly endSample: number;
  /** Whether all of it was sent; never true of one that broke off. */
  readonly complete: boolean;
  /** Times from the sentence's start, where the engine knew; else empty. */
  readonly words: readonly WordTiming[];
}

/**
 * Tells what the listener of one response has heard by now, supposing that they play audio as soon as they have
 * it. A client that says what it played knows better.
 */
export interface Playout {
  /** Hz. */
  readonly sampleRate: number;
  /** A chunk goes out now. */
  sent(chunk: SpeechChunk): void;
  /** Audio that was sent but not yet played, in ms. */
  leadMs(): number;
  /** When the last sample sent will have been played, or was: ms on the clock of `now`. */
  endsAt(): number;
  /** In all, from the response's beginning. */
  sentSamples(): number;
  /** Never more than was sent, and never less than before. */
  playedSamples(): number;
  /** The listener plays no more of it: what was played by now stays all that was. */
  stop(): void;
  /** In the order in which they were sent. */
  sentences(): readonly SpokenSentence[];
}

/** The rate of the audio, and the clock that it is played by. */
export interface PlayoutOptions {
  /** Hz. */
  readonly sampleRate: number;
  /** ms. */
  readonly now: () => number;
  /** When the listener has played all that was sent before, on the clock of `now`. By default, already. */
  readonly after?: number;
}

/**
 * Starts the play-out clock of one response. Play-out begins with the first audio, once what was sent before it has
 * been played; where nothing is left to play it stands still until there is.
 */
export function createPlayout({ sampleRate, now, after = now() }: PlayoutOptions): Playout {
  const sentences: SpokenSentence[] = [];
  let samples = 0;
  let endsAt = Math.max(after, now());
  let stoppedAt: number | undefined;

  function leadMs(): number {
    return Math.max(0, endsAt - Math.max(after, now()));
  }

  function playedSamples(): number {
    return stoppedAt ?? Math.max(0, Math.floor(samples - leadMs() / 1000 * sampleRate));
  }

  return {
    sampleRate,
    sent(chunk) {
      const startSample = samples;
      if (chunk.samples.length > 0) {
        samples += chunk.samples.length;
        endsAt = Math.max(endsAt, now()) + chunk.samples.length / sampleRate * 1000;
      }
      const before = sentences.at(-1)?.sentence.index === chunk.sentence.index
        ? sentences.pop()
        : undefined;
      sentences.push({
        sentence: chunk.sentence,
        startSample: before?.startSample ?? startSample,
        endSample: samples,
        complete: chunk.last && !chunk.brokenOff,
        words: [...(before?.words ?? []), ...(chunk.words ?? [])],
      });
    },
    leadMs,
    endsAt: () => endsAt,
    sentSamples: () => samples,
    playedSamples,
    stop() {
      stoppedAt ??= playedSamples();
      endsAt = Math.min(endsAt, now());
    },
    sentences: () => sentences,
  };
}
