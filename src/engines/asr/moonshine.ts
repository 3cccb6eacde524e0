import { getLogger } from "@logtape/logtape";
import llamaTokenizer from "llama-tokenizer-js";
import { join } from "node:path";
import type { Config } from "@/config.ts";
import type { DecodingAnswer, DecodingJob } from "@/engines/asr/decoding_job.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";
import { recogniserOver, type Writing } from "@/engines/asr/recogniser_over.ts";
import { createHosts } from "@/inference/create_host.ts";
import type { JobHost } from "@/inference/host.ts";

/** English has at most this many tokens a second. */
const TOKENS_PER_SECOND = 6.5;
const SPARE_TOKENS = 6;

/** Moonshine tiny, English only, in `inferenceWorkers` Workers, or in the main isolate with 0 of them. */
export async function createMoonshine(
  { modelsDir, inferenceWorkers, language }: Pick<
    Config,
    "modelsDir" | "inferenceWorkers" | "language"
  >,
): Promise<SpeechRecogniser> {
  if (!/^en\b/i.test(language)) {
    getLogger(["chatai", "asr"]).warn(
      "The embedded recogniser understands English only, and LANGUAGE is {language}. " +
        "Set OPENAI_API_KEY or ASR_BASE_URL for one that speaks it, or ASR=whisper.",
      { language },
    );
  }
  const init = {
    encoder: join(modelsDir, "moonshine", "encoder_model.onnx"),
    decoder: join(modelsDir, "moonshine", "decoder_model_merged.onnx"),
  };
  return moonshineOver(
    await createHosts(inferenceWorkers, {
      engine: "moonshine",
      url: new URL("./moonshine_worker.ts", import.meta.url),
      load: async () => (await import("@/engines/asr/moonshine_model.ts")).loadMoonshine,
      init,
      read: Object.values(init),
    }),
  );
}

/** Moonshine over hosts that each run its model. */
export function moonshineOver(
  hosts: readonly JobHost<DecodingJob, DecodingAnswer>[],
  clock: { readonly now?: () => number } = {},
): SpeechRecogniser {
  const writing: Writing = {
    name: "moonshine",
    tokensPerSecond: TOKENS_PER_SECOND,
    spareTokens: SPARE_TOKENS,
    mostTokens: Infinity,
    partials: true,
    retryEmpty: true, // room noise around the words can make it hear nothing
    textOf: (tokens) => llamaTokenizer.decode([...tokens], false, false),
  };
  return recogniserOver(hosts, writing, clock);
}
