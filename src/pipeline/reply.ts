import type { LanguageModel, Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";

/**
 * Parts of a reply that may wait to be spoken: the protocol's own cap on tokens. Text is cheap; backpressure
 * begins where it becomes audio.
 */
export const MAX_REPLY_PARTS = 4096;

/** How to reply. */
export interface ReplyOptions {
  readonly signal: AbortSignal;
}

/**
 * Thinks of a reply to each prompt. Runs ahead of its reader, so that the model is done, and a call of a tool
 * known, long before the words before it are spoken.
 *
 * The stage's readable errors with an `EngineError` if the model fails.
 */
export function reply(
  llm: LanguageModel,
  { signal }: ReplyOptions,
): ReadableWritablePair<ReplyPart, Prompt> {
  return generatorStage(async function* (prompts: ReadableStream<Prompt>) {
    for await (const prompt of prompts) yield* llm.reply(prompt, { signal });
  }, { highWaterMark: MAX_REPLY_PARTS });
}
