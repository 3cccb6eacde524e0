import type { ReplyEnd, ReplyPart, TokenUsage } from "@/engines/llm/engine.ts";
import { createCallAssembly } from "@/engines/llm/openai/call_assembly.ts";
import type { Chunk } from "@/engines/llm/openai/chunk.ts";
import { OPENAI } from "@/engines/openai/explain.ts";
import { EngineError } from "@/errors.ts";

/**
 * Makes a reply of a streamed chat completion. A refusal is said, and ends as what the filter stopped. A call that
 * the limit or the filter cut off is dropped.
 *
 * @throws {EngineError} `malformed` if it ends without saying why, or calls a function with what is no JSON object
 */
export async function* replyParts(chunks: AsyncIterable<Chunk>): AsyncGenerator<ReplyPart> {
  const assembly = createCallAssembly();
  let finish: string | undefined;
  let refused = false;
  let usage: TokenUsage | undefined;

  try {
    for await (const chunk of chunks) {
      usage = usageOf(chunk) ?? usage;
      const choice = chunk.choices?.[0];
      const text = choice?.delta?.content || choice?.delta?.refusal;
      if (text) yield { kind: "text", text };
      refused ||= Boolean(choice?.delta?.refusal);
      choice?.delta?.tool_calls?.forEach((delta) => assembly.add(delta));
      finish = choice?.finish_reason ?? finish;
    }
  } catch (error) {
    // What comes after the reason is only the count of tokens: the reply is whole without it.
    if (finish === undefined || !(error instanceof EngineError)) throw error;
  }
  if (finish === undefined) throw malformed("ended its answer before it was whole");

  const reason = refused ? "filter" : reasonOf(finish);
  const { calls, broken } = assembly.finish();
  if (broken.length > 0 && reason === "stop") {
    throw malformed("called a function with arguments that are no JSON object");
  }
  yield* calls;
  yield { kind: "end", reason, ...(usage && { usage }) };
}

function reasonOf(finish: string): ReplyEnd["reason"] {
  if (finish === "length") return "length";
  return finish === "content_filter" ? "filter" : "stop";
}

function usageOf({ usage }: Chunk): TokenUsage | undefined {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage ?? {};
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cachedTokens = usage?.prompt_tokens_details?.cached_tokens ?? 0;
  return { inputTokens, outputTokens, cachedTokens };
}

function malformed(what: string): EngineError {
  return new EngineError(`${OPENAI} ${what}`, { engine: OPENAI, failure: "malformed" });
}
