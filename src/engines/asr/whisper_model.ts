import { createCachedDecoder, type DecoderCache } from "@/engines/asr/cached_decoder.ts";
import type { DecodingAnswer, DecodingJob, EncoderDecoder } from "@/engines/asr/decoding_job.ts";
import { createDecodingModel } from "@/engines/asr/decoding_model.ts";
import { createLogMel, MEL_BANDS, MEL_FRAMES } from "@/engines/asr/whisper/log_mel.ts";
import { languageToken, readSettings } from "@/engines/asr/whisper/settings.ts";
import { EngineError } from "@/errors.ts";
import type { Model } from "@/inference/host.ts";
import { openSession, Tensor } from "@/inference/onnx.ts";

/** One: it hears 30 s whatever it is given, so that a run takes long. */
const WARM_UP_RUNS = 1;

/** OpenAI's rule: nobody spoke if the model says so with more than this probability... */
const NO_SPEECH_PROBABILITY = 0.6;
/** ...and each token of the text was less likely than e⁻¹, in the geometric mean. */
const DOUBTFUL_LOG_PROBABILITY = -1;

/** Where the model is. */
export interface WhisperInit extends EncoderDecoder {
  /** Its `generation_config.json`. */
  readonly settings: string;
}

/** What was heard of a segment. */
interface Heard {
  readonly frames: Tensor;
  /** Written before the text: that a transcript begins, in which language, without times. */
  readonly prefix: readonly number[];
  /** Probability that nobody spoke; known with the first token. */
  noSpeech: number;
}

/** Loads a multilingual Whisper, warm. */
export async function loadWhisper(
  { encoder: encoderPath, decoder: decoderPath, settings: settingsPath }: WhisperInit,
): Promise<Model<DecodingJob, DecodingAnswer>> {
  const settings = await openSettings(settingsPath);
  const { startToken, endToken, noSpeechToken } = settings;
  const encoder = await openSession({ engine: "whisper", path: encoderPath });
  const decoder = createCachedDecoder(await openSession({ engine: "whisper", path: decoderPath }));
  const logMel = await createLogMel();
  const languages = Object.values(settings.languageTokens);

  async function detectLanguage(frames: Tensor): Promise<number> {
    const { logits } = await decoder([startToken], { heard: frames, cache: undefined });
    return languages.reduce((best, token) => logits[token]! > logits[best]! ? token : best);
  }

  /** Leaves words and the end. */
  function suppress(logits: Float32Array, first: boolean): void {
    for (const token of settings.suppressed) logits[token] = -Infinity;
    if (first) { for (const token of settings.suppressedFirst) logits[token] = -Infinity; }
    logits.fill(-Infinity, endToken + 1);
  }

  return await createDecodingModel<Heard, DecoderCache>({
    endToken,
    warmUpRuns: WARM_UP_RUNS,
    async encode(samples, language) {
      const mel = new Tensor("float32", logMel(samples), [1, MEL_BANDS, MEL_FRAMES]);
      const { last_hidden_state } = await encoder.run({ input_features: mel });
      const frames = last_hidden_state!;
      const spoken = languageToken(settings, language) ?? await detectLanguage(frames);
      const { transcribeToken, noTimestampsToken } = settings;
      const prefix = [startToken, spoken, transcribeToken, noTimestampsToken];
      return { frames, prefix, noSpeech: 0 };
    },
    async decode(heard, { tokens, state }) {
      const first = state === undefined;
      const read = first ? heard.prefix : tokens.slice(-1);
      const { logits, cache } = await decoder(read, { heard: heard.frames, cache: state });
      const size = logits.length / read.length;
      if (first) heard.noSpeech = probability(logits.subarray(0, size), noSpeechToken);
      const next = logits.slice(-size);
      suppress(next, first);
      return { logits: next, state: cache };
    },
    believes: ({ noSpeech }, { tokens, logProbability }) =>
      noSpeech <= NO_SPEECH_PROBABILITY ||
      logProbability / (tokens.length + 1) >= DOUBTFUL_LOG_PROBABILITY,
  });
}

async function openSettings(path: string) {
  try {
    return readSettings(await Deno.readTextFile(path));
  } catch (cause) {
    const message = `whisper: ${path} is missing or damaged; "deno task models whisper-base" ` +
      "fetches it";
    throw new EngineError(message, { engine: "whisper", failure: "unavailable", cause });
  }
}

/** The probability of a token. */
function probability(logits: Float32Array, token: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  return Math.exp(logits[token]! - most) /
    logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
}
