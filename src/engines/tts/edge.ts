import { getLogger } from "@logtape/logtape";
import { createMp3Decoder } from "@/audio/mp3.ts";
import type { Config } from "@/config.ts";
import { type Patience, remoteAnswer } from "@/engines/remote_answer.ts";
import { cutText } from "@/engines/tts/cut_text.ts";
import { connectEdge, type EdgeConnection, type EdgePart } from "@/engines/tts/edge/connection.ts";
import { createConnectionPool } from "@/engines/tts/edge/connection_pool.ts";
import { toSsml } from "@/engines/tts/edge/ssml.ts";
import { fetchVoices } from "@/engines/tts/edge/voice_list.ts";
import { BUILT_IN, defaultVoice, listVoices, localeOf } from "@/engines/tts/edge/voices.ts";
import type { WordBoundary } from "@/engines/tts/edge/word_boundaries.ts";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { EngineError } from "@/errors.ts";

const logger = getLogger(["chatai", "engines", "edge"]);

/** How long to wait for the service. */
export interface EdgeOptions {
  /** By default 3 s for the connection, and 5 s for each piece of speech. */
  readonly patience?: Patience;
}

const PATIENCE: Patience = { connectMs: 3000, partMs: 5000 };

/** How long the service may take to list its voices, in ms. */
const LIST_MS = 5000;

/** Longest text of one request, in characters: a minute of speech. The service takes 4096 bytes, escapes and all. */
const MAX_LENGTH = 800;

/**
 * Microsoft Edge's voices, free and without a key: the service that the browser's "read aloud" asks, through npm
 * `msedge-tts`. Its words have times.
 *
 * The default voice is one of the conversation's language. The service is asked for its voices, some 300 in all
 * languages that it has, while the start goes on; until they are known, and where they cannot be had, there are
 * some of the languages most spoken. Any name of a voice of the service is taken, whether listed or not.
 */
export function createEdge(
  { remote, language: ownLanguage }: Pick<Config, "remote" | "language">,
  { patience = PATIENCE }: EdgeOptions = {},
): Promise<SpeechSynthesiser> {
  const disposed = new AbortController();
  let known = BUILT_IN;
  let voices = listVoices(ownLanguage);
  const listed = learnVoices();
  const pool = createConnectionPool((signal) => connectEdge({ url: remote.edgeTtsUrl, signal }));

  /** A list that cannot be had is no trouble: speech may be had nevertheless, and if not, its failure is told. */
  async function learnVoices(): Promise<void> {
    const signal = AbortSignal.any([disposed.signal, AbortSignal.timeout(LIST_MS)]);
    try {
      const names = await fetchVoices({ url: remote.edgeTtsUrl, signal });
      const speakable = names?.filter((name) => localeOf(name) !== undefined) ?? [];
      logger.debug("edge lists {count} voices", { count: speakable.length });
      if (speakable.length === 0) return;
      known = speakable;
      voices = listVoices(ownLanguage, known);
    } catch (error) {
      logger.debug("edge does not list its voices: {error}", { error });
    }
  }

  /** Takes a connection, which ends with the signal unless its work is done by then. */
  async function ask(
    request: SpeechRequest,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<Speech>> {
    const connection = await pool.take(signal);
    signal.addEventListener("abort", connection.close, { once: true });
    if (signal.aborted) connection.close();
    return answer(request, { connection, signal });
  }

  async function* answer(
    { ssml, startSample }: SpeechRequest,
    { connection, signal }: { readonly connection: EdgeConnection; readonly signal: AbortSignal },
  ): AsyncGenerator<Speech> {
    let spoken = false;
    for await (const speech of decode(connection.request(ssml), startSample)) {
      spoken = true;
      yield speech;
    }
    signal.removeEventListener("abort", connection.close);
    pool.giveBack(connection);
    if (!spoken) {
      throw new EngineError("edge said nothing, as it does where a voice has not the language", {
        engine: "edge",
        failure: "malformed",
      });
    }
  }

  return Promise.resolve({
    name: "edge",
    get voices() {
      return voices;
    },
    async *synthesize(text, { voice, language = ownLanguage, speed = 1, ...options }) {
      options.signal.throwIfAborted();
      const chosen = voice && localeOf(voice) ? voice : defaultVoice(language, known);
      const speaker = { voice: chosen, locale: localeOf(chosen)!, speed, ...remote.edgeProsody };
      const signal = AbortSignal.any([options.signal, disposed.signal]);
      let startSample = 0;
      for (const piece of cutText(text, MAX_LENGTH)) {
        const request = { ssml: toSsml(piece, speaker), startSample };
        const speeches = remoteAnswer({
          engine: "edge",
          signal,
          patience,
          ask: (signal) => ask(request, signal),
          explain: (cause) =>
            new EngineError("edge failed", { engine: "edge", failure: "crashed", cause }),
        });
        for await (const speech of speeches) {
          startSample += speech.samples.length;
          yield speech;
        }
      }
    },
    async [Symbol.asyncDispose]() {
      disposed.abort(new DOMException("The engine has ended", "AbortError"));
      await Promise.all([listed, pool[Symbol.asyncDispose]()]);
    },
  });
}

interface SpeechRequest {
  readonly ssml: string;
  /** Where its speech begins, in samples from the beginning of the whole text. */
  readonly startSample: number;
}

/** Speech as it comes, each piece with the words that begin in it. */
async function* decode(
  parts: AsyncIterable<EdgePart>,
  startSample: number,
): AsyncGenerator<Speech> {
  using decoder = await createMp3Decoder();
  let announced: readonly WordBoundary[] = [];
  let end = startSample;
  for await (const part of parts) {
    if (part.kind === "words") {
      announced = [...announced, ...part.words];
      continue;
    }
    const { samples, sampleRate } = decoder.decode(part.mp3);
    if (samples.length === 0) continue;
    end += samples.length;
    const timed = announced.map(({ word, offsetMs }) => ({
      word,
      startSample: startSample + Math.round(offsetMs / 1000 * sampleRate),
    }));
    const words = timed.filter((word) => word.startSample < end);
    announced = announced.filter((_, index) => timed[index]!.startSample >= end);
    yield { samples, sampleRate, ...(words.length > 0 && { words }) };
  }
}
