import { createResampler, type Resampler } from "@/audio/resample.ts";
import type { ReplyEnd, ToolCall } from "@/engines/llm/engine.ts";
import type {
  Speech,
  SpeechSynthesiser,
  SynthesisOptions,
  WordTiming,
} from "@/engines/tts/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";
import type { Sentence, SpokenPart } from "@/pipeline/sentence_stream.ts";
import { speakable } from "@/pipeline/speakable.ts";

/** A piece of a spoken sentence. Those of one sentence are all there is of it, and the last one is marked. */
export interface SpeechChunk {
  /** Tells it from the other parts. */
  readonly kind: "speech";
  /** Mono, −1 to 1, at most 200 ms at the rate asked for. May be empty: a sentence of which nothing can be said. */
  readonly samples: Float32Array<ArrayBuffer>;
  readonly sentence: Sentence;
  /** Whether the sentence ends with it. */
  readonly last: boolean;
  /** Words that the engine timed with this chunk: in samples from the sentence's start, at the rate asked for. */
  readonly words?: readonly WordTiming[];
  /** The synthesiser failed in mid-sentence: with this last chunk it ends where it broke. */
  readonly brokenOff?: true;
}

/** A reply as it is spoken. */
export type SpeechPart = SpeechChunk | ToolCall | ReplyEnd;

/** How to speak. */
export interface SynthesizeOptions extends SynthesisOptions {
  /** Of the chunks, in Hz, whatever the engine's own. */
  readonly sampleRate: number;
  /** Is told how the engine gets on. Must be quick, and not throw. */
  readonly onProgress?: (progress: SynthesisProgress) => void;
}

/** How a synthesiser gets on with one sentence after another. */
export type SynthesisProgress =
  | { readonly kind: "asked"; readonly sentence: number; readonly characters: number }
  | { readonly kind: "made"; readonly audioMs: number }
  | { readonly kind: "failed"; readonly error: unknown };

/** Longest chunk, in ms: short, so that little is in flight when somebody interrupts. */
const CHUNK_MS = 200;

/** Longest chunk at the start of a response, in ms: the listener waits for it. */
const FIRST_CHUNK_MS = 100;

/** Chunks made ahead of the speaker. It asks 2 s before it runs dry, so one is plenty. */
const CHUNKS_AHEAD = 1;

/**
 * Speaks each sentence as it comes, and hands on the rest in its place. Here backpressure begins: a sentence is
 * synthesised when the speaker has room for it.
 *
 * The stage's readable errors with an `EngineError` if the synthesiser fails.
 */
export function synthesize(
  tts: SpeechSynthesiser,
  options: SynthesizeOptions,
): ReadableWritablePair<SpeechPart, SpokenPart> {
  return generatorStage(async function* (parts: ReadableStream<SpokenPart>) {
    let silent = true;
    for await (const part of parts) {
      if (part.kind !== "sentence") {
        yield part;
        continue;
      }
      for await (const chunk of speak(part.sentence, tts, options)) {
        yield* silent ? shortened(chunk, options.sampleRate) : [chunk];
        silent &&= chunk.samples.length === 0;
      }
    }
  }, { highWaterMark: CHUNKS_AHEAD });
}

/** A sentence as chunks, each as soon as the engine has made it. Its end is a chunk of its own, perhaps empty. */
async function* speak(
  sentence: Sentence,
  tts: SpeechSynthesiser,
  { sampleRate, onProgress = () => {}, ...options }: SynthesizeOptions,
): AsyncGenerator<SpeechChunk> {
  const { language } = options;
  const text = speakable(sentence.text, language === undefined ? {} : { language });
  let resampler: Resampler | undefined;
  let words: readonly WordTiming[] = [];
  let broken = {};

  function chunk(samples: Float32Array<ArrayBuffer>): SpeechChunk {
    const timed = words.length > 0 ? { words } : {};
    words = [];
    return { kind: "speech", samples, sentence, last: false, ...timed };
  }

  try {
    if (text !== "") {
      onProgress({ kind: "asked", sentence: sentence.index, characters: text.length });
    }
    for await (const speech of text === "" ? [] : tts.synthesize(text, options)) {
      const audioMs = speech.samples.length / speech.sampleRate * 1000;
      onProgress({ kind: "made", audioMs });
      if (speech.brokenOff) {
        broken = { brokenOff: true };
        break;
      }
      resampler ??= createResampler(speech.sampleRate, sampleRate);
      words = [...words, ...wordsAt(speech, sampleRate)];
      for (const samples of cut(resampler.process(speech.samples), CHUNK_MS, sampleRate)) {
        yield chunk(samples);
      }
    }
    const rest = resampler?.flush() ?? new Float32Array();
    yield { ...chunk(rest), last: true, ...broken };
  } catch (error) {
    if (!options.signal.aborted) onProgress({ kind: "failed", error });
    throw error;
  } finally {
    resampler?.[Symbol.dispose]();
  }
}

/** The response's first audio in two, so that the first of it leaves sooner. */
function shortened(chunk: SpeechChunk, sampleRate: number): SpeechChunk[] {
  const length = Math.round(FIRST_CHUNK_MS / 1000 * sampleRate);
  if (chunk.samples.length <= length) return [chunk];
  const { words: _, ...rest } = chunk;
  return [
    { ...chunk, samples: chunk.samples.subarray(0, length), last: false },
    { ...rest, samples: chunk.samples.subarray(length) },
  ];
}

function* cut(
  samples: Float32Array<ArrayBuffer>,
  ms: number,
  sampleRate: number,
): Generator<Float32Array<ArrayBuffer>> {
  const length = Math.round(ms / 1000 * sampleRate);
  for (let start = 0; start < samples.length; start += length) {
    yield samples.subarray(start, start + length);
  }
}

function wordsAt({ words = [], sampleRate: from }: Speech, sampleRate: number): WordTiming[] {
  return words.map(({ word, startSample }) => ({
    word,
    startSample: Math.round(startSample / from * sampleRate),
  }));
}
