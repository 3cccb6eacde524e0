import type { RequestOptions } from "@/engines/engine.ts";
import type { LanguageModel, Prompt, ReplyPart, ToolCall } from "@/engines/llm/engine.ts";
import { generatorStage } from "@/pipeline/generator_stage.ts";

/**
 * Parts of a reply that may wait to be spoken: the protocol's own cap on tokens. Text is cheap; backpressure
 * begins where it becomes audio.
 */
export const MAX_REPLY_PARTS = 4096;

/**
 * Thinks of a reply to each prompt. Runs ahead of its reader, so that the model is done, and a call of a tool
 * known, long before the words before it are spoken. Calls come behind all text, as the protocol has them, even
 * if the model went on talking after one.
 *
 * The stage's readable errors with an `EngineError` if the model fails.
 */
export function reply(
  llm: LanguageModel,
  options: RequestOptions,
): ReadableWritablePair<ReplyPart, Prompt> {
  return generatorStage(async function* (prompts: ReadableStream<Prompt>) {
    for await (const prompt of prompts) yield* callsLast(llm.reply(prompt, options));
  }, { highWaterMark: MAX_REPLY_PARTS });
}

async function* callsLast(parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart> {
  const calls: ToolCall[] = [];
  for await (const part of parts) {
    if (part.kind === "toolCall") {
      calls.push(part);
      continue;
    }
    if (part.kind === "end") yield* calls;
    yield part;
  }
}
