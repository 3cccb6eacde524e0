import { letterWeight, wholeWords } from "@/conversation/spoken_length.ts";
import type { WordTiming } from "@/engines/tts/engine.ts";
import type { SpokenSentence } from "@/pipeline/playout.ts";

/** What {@linkcode heardText} should know of the audio. */
export interface HeardOptions {
  /** Of the samples, in Hz. 24000 by default, the rate of the wire. */
  readonly sampleRate?: number;
  /** How fast it is spoken; 1, the default, is natural. */
  readonly speed?: number;
}

/**
 * Letters that a slow voice speaks in a second. Of Flite's voices `slt`, `awb` and `kal16` speak 13 to 14 and `rms`
 * 11; the lower figure makes the estimate err on the side of words that were heard but are not counted.
 */
const LETTERS_PER_SECOND = 12;

/** Letters that the figure above counts for, beside those that the voice was heard to speak. */
const TRUSTED_LETTERS = 40;

/**
 * The words that were heard once `playedSamples` of a response have been played: all of every sentence played
 * to its end, and of the one being played the whole words before that point. `""` if none. It grows with
 * `playedSamples`, and unless a sentence broke off it is a beginning of the response's text.
 *
 * Within a sentence the engine's word timings count, as far as its words are those of the text. The rest is cut
 * in proportion to samples, weighted by letters. Of a sentence that was not sent to its end (it broke off, or the
 * listener broke in) nobody knows how long it would have been: there the pace of the complete sentences counts,
 * and a slow voice's while they are few.
 */
export function heardText(
  sentences: readonly SpokenSentence[],
  playedSamples: number,
  { sampleRate = 24_000, speed = 1 }: HeardOptions = {},
): string {
  if (playedSamples <= 0) return "";
  const samplesPerLetter = paceOf(sentences, sampleRate / (LETTERS_PER_SECOND * speed));
  const heard = sentences
    .filter(({ startSample }) => startSample <= playedSamples)
    .map((spoken) =>
      spoken.complete && spoken.endSample <= playedSamples
        ? spoken.sentence.text
        : beginningHeard(spoken, playedSamples, samplesPerLetter)
    );
  return heard.join("").trimEnd();
}

/** Samples per letter in the sentences of which all is known, leaning on `usual` while they are few. */
function paceOf(sentences: readonly SpokenSentence[], usual: number): number {
  let samples = TRUSTED_LETTERS * usual;
  let letters = TRUSTED_LETTERS;
  for (const { complete, startSample, endSample, sentence } of sentences) {
    if (!complete || startSample === endSample) continue;
    samples += endSample - startSample;
    letters += letterWeight(sentence.text);
  }
  return samples / letters;
}

/** The whole words of a sentence before a point in it, with the white space behind the sentence. */
function beginningHeard(
  { sentence: { text }, startSample, endSample, complete, words }: SpokenSentence,
  playedSamples: number,
  samplesPerLetter: number,
): string {
  const length = endSample - startSample;
  const played = Math.min(playedSamples - startSample, length);
  const timed = locate(words, text);
  const next = timed.findIndex(({ sample }) => sample > played);
  const { index, sample } = timed.at(next < 0 ? -1 : next - 1) ?? { index: 0, sample: 0 };
  if (next === 0) return "";

  const rest = text.slice(index);
  const letters = complete
    ? letterWeight(rest) * (played - sample) / (length - sample)
    : (played - sample) / samplesPerLetter;
  const heard = text.slice(0, index) + (next > 0 ? "" : wholeWords(rest, letters));
  const end = heard.search(/[\p{P}\s]*$/u);
  return end === 0 ? "" : heard.slice(0, end) + text.slice(text.trimEnd().length);
}

/** A word of the text, and when it begins. */
interface TimedWord {
  /** In the text. */
  readonly index: number;
  /** From the sentence's start. */
  readonly sample: number;
}

/**
 * Finds the engine's words in the text. Stops at the first that is not the next one there: engines speak "$5" as
 * words that the text does not have.
 */
function locate(words: readonly WordTiming[], text: string): TimedWord[] {
  const located: TimedWord[] = [];
  let end = 0;
  for (const { word, startSample } of words) {
    const index = end + text.slice(end).search(/[^\p{P}\s]|$/u);
    const bare = word.replaceAll(/^[\p{P}\s]+|[\p{P}\s]+$/gu, "");
    end = index + bare.length;
    const matches = text.slice(index, end).toLowerCase() === bare.toLowerCase() &&
      startSample >= (located.at(-1)?.sample ?? 0);
    if (bare === "" || !matches) break;
    located.push({ index, sample: startSample });
  }
  return located;
}
