import { getLogger } from "@logtape/logtape";
import { createWavDecoder } from "@/audio/wav.ts";
import type { Config } from "@/config.ts";
import { basicAuth } from "@/engines/basic_auth.ts";
import { failureOfStatus, readRetryAfter } from "@/engines/http_status.ts";
import { type Patience, remoteAnswer } from "@/engines/remote_answer.ts";
import { longestText } from "@/engines/tts/coqui/longest_text.ts";
import { cutText } from "@/engines/tts/cut_text.ts";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { unescapeXml } from "@/engines/tts/xml_text.ts";
import { EngineError, type EngineErrorOptions } from "@/errors.ts";

const logger = getLogger(["chatai", "coqui"]);

/** How long to wait for the server. */
export interface CoquiOptions {
  /** By default 30 s until the answer begins: the server sends nothing before all of a text is spoken. */
  readonly patience?: Patience;
}

const PATIENCE: Patience = { connectMs: 30_000, partMs: 5000 };

/** How long a failover list waits for a sentence, in ms: the server may be at it all the time, and be none the worse. */
const DEADLINE_MS = 15_000;

/** How long the server may take to list its voices, in ms. */
const LIST_MS = 2000;

/** Name of the voice of a server that has only one. */
const ONLY_VOICE = "default";

/**
 * The voices of a Coqui TTS server, by the API of its own `server.py`. Its voices are the speakers of its model,
 * as it lists them; a server that is not there yet is asked again when there is something to say. It has no speed.
 * A text is of the configured language unless it says otherwise: multilingual models speak none without one.
 *
 * What its address has as a query (`?style_wav=…`, `?speaker_wav=…`) goes with every text, and before what the
 * conversation would say: some models name languages in a way of their own (`?language_id=fr-fr`), and clone a
 * voice only where no speaker is named (`?speaker_wav=…&speaker_id=`).
 *
 * @see https://github.com/idiap/coqui-ai-TTS/blob/dev/TTS/server/server.py
 */
export async function createCoqui(
  { remote, language: ownLanguage }: Pick<Config, "remote" | "language">,
  { patience = PATIENCE }: CoquiOptions = {},
): Promise<SpeechSynthesiser> {
  const { origin, pathname, searchParams: fields } = new URL(remote.coquiUrl);
  const base = origin + pathname.replace(/\/$/, "");
  const headers = basicAuth(remote.coquiUrl);
  const disposed = new AbortController();
  let speakers: readonly string[] | undefined;

  function failed(what: string, options: Omit<EngineErrorOptions, "engine">): EngineError {
    return new EngineError(`coqui at ${origin} ${what}`, { engine: "coqui", ...options });
  }

  /** The speakers to choose from; none where there is no choice. */
  async function listSpeakers(signal: AbortSignal): Promise<readonly string[]> {
    if (fields.has("speaker_id")) return [];
    const response = await fetch(`${base}/voices`, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]),
    });
    const text = await response.text();
    const lines = response.ok ? text.split("\n").filter((line) => line.trim() !== "") : [];
    return lines.length > 1 ? lines.map(speakerOf) : [];
  }

  async function ask(form: URLSearchParams, signal: AbortSignal): Promise<AsyncIterable<Speech>> {
    const response = await fetch(`${base}/api/tts`, {
      method: "POST",
      headers,
      body: form,
      signal,
    });
    if (response.ok) return readSpeech(response);
    await response.body?.cancel();
    throw failed(`answered ${response.status}`, {
      failure: failureOfStatus(response.status),
      retryAfterMs: readRetryAfter(response.headers.get("retry-after")),
    });
  }

  /** Holds the response itself: once Deno collects that, an abort does not close the connection any more. */
  async function* readSpeech(response: Response): AsyncGenerator<Speech> {
    const wav = createWavDecoder();
    let spoken = 0;
    try {
      for await (const bytes of response.body ?? []) {
        const samples = wav.decode(bytes);
        spoken += samples.length;
        if (samples.length > 0) yield { samples, sampleRate: wav.sampleRate! };
      }
      wav.end();
    } catch (cause) {
      if (wav.sampleRate !== undefined) throw cause;
      throw failed("sent what is no speech", { failure: "malformed", cause });
    }
    if (spoken === 0) throw failed("said nothing", { failure: "malformed" });
  }

  try {
    speakers = await listSpeakers(disposed.signal);
  } catch (error) {
    logger.warn("coqui at {origin} does not answer yet: {error}", { origin, error });
  }

  return {
    name: "coqui",
    deadlineMs: DEADLINE_MS,
    get voices() {
      return speakers?.length ? speakers : [fields.get("speaker_id") || ONLY_VOICE];
    },
    async *synthesize(text, { voice, language = ownLanguage, ...options }) {
      options.signal.throwIfAborted();
      const signal = AbortSignal.any([options.signal, disposed.signal]);
      for (const piece of cutText(text, longestText(text))) {
        yield* remoteAnswer({
          engine: "coqui",
          signal,
          patience,
          async ask(signal) {
            speakers ??= await listSpeakers(signal);
            const speaker = speakers.find((name) => name === voice) ?? speakers[0];
            const form = new URLSearchParams(fields);
            form.set("text", piece);
            if (speaker !== undefined) form.set("speaker_id", speaker);
            if (!fields.has("language_id")) form.set("language_id", languageId(language));
            return ask(form, signal);
          },
          explain: (cause) => failed("broke the connection", { failure: "unavailable", cause }),
        });
      }
    },
    [Symbol.asyncDispose]() {
      disposed.abort(new DOMException("The engine has ended", "AbortError"));
      return Promise.resolve();
    },
  };
}

/** The name before locale and gender; it may have spaces. */
function speakerOf(line: string): string {
  return unescapeXml(line.trim().replace(/ \S+ \S+$/, ""));
}

/** The language as multilingual models name it. Other servers do not look at it. */
function languageId(language: string): string {
  const { language: code } = new Intl.Locale(language);
  return code === "zh" ? "zh-cn" : code;
}
