import type { Config } from "@/config.ts";
import type { LanguageModel } from "@/engines/llm/engine.ts";
import { chatRequest } from "@/engines/llm/openai/chat_request.ts";
import { Chunk } from "@/engines/llm/openai/chunk.ts";
import { createDialect } from "@/engines/llm/openai/dialect.ts";
import { endSoon } from "@/engines/llm/openai/end_soon.ts";
import { estimatePrompt, fitHistory, wordsOf } from "@/engines/llm/openai/history.ts";
import { replyParts } from "@/engines/llm/openai/reply_parts.ts";
import { withoutThoughts } from "@/engines/llm/openai/without_thoughts.ts";
import { OPENAI } from "@/engines/openai/explain.ts";
import {
  findModel,
  lacksPath,
  listModels,
  probeOpenAi,
  type ServedModel,
} from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import type { Patience } from "@/engines/remote_answer.ts";
import { EngineError } from "@/errors.ts";

/** OpenAI's cheapest current model that need not think first (September 2026). */
const OPENAI_MODEL = "gpt-6-luna";

/**
 * Tokens of the longest prompt, unless the server says that it has less room: what OpenAI's own Realtime API takes,
 * a context of 32,768 less a reply of 4,096.
 */
const PROMPT_TOKENS = 28_672;

/** OpenAI's own models are loaded, and begin within a second or two: a failover list need not wait longer, in ms. */
const OFFICIAL_DEADLINE_MS = 6000;

/** A model that has to be loaded first, or reads a long prompt on a slow machine, takes its time. */
const PATIENCE: Patience = { connectMs: 20_000, partMs: 20_000 };

/** What a test brings to wait less. */
export interface OpenAiModelOptions {
  readonly patience?: Patience;
}

/**
 * The chat completions of OpenAI, or of any server that speaks its API: Ollama, llama.cpp, vLLM, LM Studio. Without
 * a model's name OpenAI is asked for one that is quick, and any other server for the first that it lists and that may
 * chat by its name.
 *
 * The history it is told is bounded: the oldest turns are left out beyond 28,672 tokens by an estimate, less where
 * the server says so (vLLM's `max_model_len`) or has refused a prompt of a certain length. A reply may be as long as
 * its room allows behind that.
 *
 * The limit of a reply is `max_completion_tokens` at OpenAI, whose newer models take nothing else, and `max_tokens`
 * elsewhere, which everybody knows; a server that refuses the one is given the other.
 *
 * Resolves though its server is down, which the log tells: it may come up later, and failover exists.
 */
export async function createOpenAiModel(
  { remote }: Pick<Config, "remote">,
  { patience = PATIENCE }: OpenAiModelOptions = {},
): Promise<LanguageModel> {
  const endpoint = remote.openai.llm;
  const server = connectOpenAi(endpoint, patience);
  const wanted = endpoint.model ?? (server.official ? OPENAI_MODEL : undefined);
  const served = await probeOpenAi(server, { kind: "llm", model: wanted });
  const dialect = createDialect({ official: server.official, budget: PROMPT_TOKENS });
  let model = wanted;
  takeFrom(served);

  function takeFrom(models: readonly ServedModel[]): void {
    const found = findModel(models, wanted);
    model ??= found?.id;
    if (found?.max_model_len) dialect.room.learnLength(found.max_model_len);
  }

  async function chooseModel(signal: AbortSignal): Promise<string> {
    if (model === undefined) takeFrom(await listModels(server, { signal }));
    if (model !== undefined) return model;
    const remedy = lacksPath(server)
      ? "its base URL has no path, which is /v1 as a rule"
      : "set LLM_MODEL";
    const message = `${OPENAI} at ${server.origin} has no model, or does not say which: ${remedy}`;
    throw new EngineError(message, { engine: OPENAI, failure: "rejected" });
  }

  return {
    name: OPENAI,
    ...(server.official && { deadlineMs: OFFICIAL_DEADLINE_MS }),
    get model() {
      return model;
    },
    async *reply(prompt, { signal }) {
      const chunks = server.answer(async (own) => {
        const chosen = await chooseModel(own);
        while (true) {
          const fitting = fitHistory(prompt, dialect.room.budget);
          const request = chatRequest(fitting, { model: chosen, dialect });
          try {
            const stream = await server.client.chat.completions.create(request, { signal: own });
            return endSoon(chunksOf(stream));
          } catch (error) {
            const refused = {
              sent: estimatePrompt(fitting),
              least: estimatePrompt(fitHistory(prompt, 0)),
              reply: request.max_completion_tokens ?? request.max_tokens ?? 0,
              words: wordsOf(fitting),
              fields: Object.keys(request),
            };
            if (!dialect.learn(error, refused)) throw error;
          }
        }
      }, { signal });
      yield* withoutThoughts(replyParts(chunks));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function* chunksOf(stream: AsyncIterable<unknown>): AsyncGenerator<Chunk> {
  for await (const chunk of stream) yield Chunk.parse(chunk);
}
