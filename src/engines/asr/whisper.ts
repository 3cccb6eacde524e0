import { Tokenizer } from "@huggingface/tokenizers";
import { join } from "node:path";
import type { Config } from "@/config.ts";
import type { DecodingAnswer, DecodingJob } from "@/engines/asr/decoding_job.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { recogniserOver } from "@/engines/asr/recogniser_over.ts";
import type { WhisperInit } from "@/engines/asr/whisper_model.ts";
import { EngineError } from "@/errors.ts";
import { createHosts } from "@/inference/create_host.ts";
import type { JobHost } from "@/inference/host.ts";

/** Languages whose letters are several tokens each have as many as this in a second. */
const TOKENS_PER_SECOND = 25;
const SPARE_TOKENS = 6;

/** OpenAI's bound for one window: half of the decoder's context. */
const MOST_TOKENS = 224;

/**
 * Whisper base, about a hundred languages, in `inferenceWorkers` Workers, or in the main isolate with 0 of them.
 *
 * @throws {EngineError} `unavailable` if the model cannot be loaded.
 */
export async function createWhisper(
  { modelsDir, inferenceWorkers }: Pick<Config, "modelsDir" | "inferenceWorkers">,
): Promise<SpeechRecogniser> {
  const folder = join(modelsDir, "whisper-base");
  const init: WhisperInit = {
    encoder: join(folder, "encoder_model_quantized.onnx"),
    decoder: join(folder, "decoder_model_merged_quantized.onnx"),
    settings: join(folder, "generation_config.json"),
  };
  const tokenizer = await openTokenizer(join(folder, "tokenizer.json"));
  return whisperOver(
    await createHosts(inferenceWorkers, {
      engine: "whisper",
      url: new URL("./whisper_worker.ts", import.meta.url),
      load: async () => (await import("@/engines/asr/whisper_model.ts")).loadWhisper,
      init,
      read: Object.values(init),
    }),
    tokenizer,
  );
}

/** Whisper over hosts that each run its model. */
export function whisperOver(
  hosts: readonly JobHost<DecodingJob, DecodingAnswer>[],
  tokenizer: Pick<Tokenizer, "decode">,
): SpeechRecogniser {
  return recogniserOver(hosts, {
    name: "whisper",
    tokensPerSecond: TOKENS_PER_SECOND,
    spareTokens: SPARE_TOKENS,
    mostTokens: MOST_TOKENS,
    // It hears a window of 30 s whatever it is given: a partial would take as long as the text that is waited for.
    partials: false,
    retryEmpty: false,
    textOf: (tokens) =>
      tokens.length === 0
        ? "" // which the tokeniser refuses
        : tokenizer.decode([...tokens]).replaceAll("\ufffd", ""), // half a letter, where a text was cut
  });
}

async function openTokenizer(path: string): Promise<Tokenizer> {
  try {
    return new Tokenizer(JSON.parse(await Deno.readTextFile(path)), {});
  } catch (cause) {
    const message = `whisper: ${path} is missing or damaged; "deno task models whisper-base" ` +
      "fetches it";
    throw new EngineError(message, { engine: "whisper", failure: "unavailable", cause });
  }
}
