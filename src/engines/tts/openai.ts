import type { Config } from "@/config.ts";
import { OPENAI } from "@/engines/openai/explain.ts";
import { probeOpenAi } from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import type { Patience } from "@/engines/remote_answer.ts";
import { cutText } from "@/engines/tts/cut_text.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { decodeSpeech } from "@/engines/tts/openai/decode_speech.ts";
import { createVoiceChoice, listVoices, OPENAI_VOICES } from "@/engines/tts/openai/voices.ts";

/** OpenAI's last model for speech alone; all of them end on 6 January 2027. */
const OPENAI_MODEL = "gpt-4o-mini-tts";

/** What other servers call whatever they have, or take for it. */
const OTHER_MODEL = "tts-1";

/** Longest text of one request, in characters, by the API's definition. */
const MAX_LENGTH = 4096;

/** A server without a GPU may speak all of a sentence before it sends any of it. */
const PATIENCE: Patience = { connectMs: 10_000, partMs: 10_000 };

/** Servers that list voices do so at once, in ms. */
const LIST_PATIENCE: Patience = { connectMs: 2000, partMs: 2000 };

/** What a test brings to wait less. */
export interface OpenAiSynthesiserOptions {
  readonly patience?: Patience;
}

/**
 * The speech of OpenAI, or of any server that speaks its API: Kokoro-FastAPI, speaches. Raw samples are asked for,
 * which can be heard from the first on; WAV and MP3 are understood too.
 *
 * The voices are OpenAI's, or those that the server lists. Where it lists none, any name may be one: it is tried,
 * and where it is refused, once for all, the operator's voice or `alloy` speaks instead.
 *
 * Resolves though its server is down, which the log tells: it may come up later, and failover exists.
 */
export async function createOpenAiSynthesiser(
  { remote, voice: preferred }: Pick<Config, "remote" | "voice">,
  { patience = PATIENCE }: OpenAiSynthesiserOptions = {},
): Promise<SpeechSynthesiser> {
  const endpoint = remote.openai.tts;
  const server = connectOpenAi(endpoint, patience);
  const model = endpoint.model ?? (server.official ? OPENAI_MODEL : OTHER_MODEL);

  async function servedVoices(): Promise<readonly string[]> {
    if (server.official) return OPENAI_VOICES;
    await using quick = connectOpenAi(endpoint, LIST_PATIENCE);
    return await listVoices(quick).catch(() => []);
  }

  const [served] = await Promise.all([servedVoices(), probeOpenAi(server, { kind: "tts", model })]);
  const choice = createVoiceChoice({ served, preferred });

  return {
    name: OPENAI,
    model,
    voices: choice.voices,
    async *synthesize(text, { signal, voice, speed = 1 }) {
      signal.throwIfAborted();
      const bounded = Math.min(4, Math.max(0.25, speed));
      for (const input of cutText(text, MAX_LENGTH)) {
        yield* server.answer((own) =>
          choice.ask(voice, async (voice) =>
            decodeSpeech(
              await server.client.audio.speech.create({
                model,
                input,
                voice,
                response_format: "pcm",
                ...(bounded !== 1 && { speed: bounded }),
              }, { signal: own }),
            )), { signal });
      }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
