import { getLogger } from "@logtape/logtape";
import { APIError } from "openai";
import { z } from "zod";
import { OPENAI } from "@/engines/openai/explain.ts";
import type { OpenAiKind, OpenAiServer } from "@/engines/openai/server.ts";
import { EngineError } from "@/errors.ts";

/** A server that takes longer to say what it has is not ready for a conversation. */
const PROBE_MS = 3000;

/** Names of models that fit into a line of the log. */
const MAX_NAMED = 5;

/** The day, not the time, of ISO 8601. */
const DAY_LENGTH = 10;

/** Not found, method not allowed. */
const NO_LIST: readonly unknown[] = [404, 405];

/**
 * Names of models that do not chat: for embeddings and reranking, for speech, for images, for moderation. LM Studio and
 * Ollama list them among the others, in any order, and nothing but the name tells them apart.
 */
const NO_CHAT =
  /embed|rerank|\b(?:all-minilm|bge|gte|e5|paraphrase)\b|whisper|transcri|parakeet|\btts\b|kokoro|\bpiper\b|dall-e|stable-diffusion|sdxl|\bflux\b|\bimage\b|moderation/i;

const Model = z.object({
  id: z.string(),
  /** vLLM's: tokens of prompt and reply together. */
  max_model_len: z.number().int().positive().nullish(),
  /** OpenAI's: when it stops to serve the model, ISO 8601. */
  shutdown_date: z.string().nullish(),
});

/** A model that a server has. */
export type ServedModel = z.infer<typeof Model>;

/**
 * Lists what a server has. Servers for one purpose, such as whisper.cpp's, have no such list: nothing is in it.
 *
 * @throws {EngineError} if it does not answer
 */
export async function listModels(
  server: OpenAiServer,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly ServedModel[]> {
  const [models] = await Array.fromAsync(server.answer(async (own) => {
    try {
      const { data } = await server.client.models.list({ signal: own });
      return ReadableStream.from([z.array(Model).parse(data)]);
    } catch (error) {
      if (error instanceof APIError && NO_LIST.includes(error.status)) {
        return ReadableStream.from([]);
      }
      throw error;
    }
  }, { signal }));
  return models ?? [];
}

/** The model of that name, or, where none is wanted by name, the first that may chat; if all look otherwise, the first. */
export function findModel(
  models: readonly ServedModel[],
  wanted: string | undefined,
): ServedModel | undefined {
  if (wanted !== undefined) return models.find(({ id }) => id === wanted);
  return models.find(({ id }) => !NO_CHAT.test(id)) ?? models[0];
}

/** Whether the URL of a server is no more than its host: that of nearly all of them ends in `/v1`. */
export function lacksPath({ client }: OpenAiServer): boolean {
  return new URL(client.baseURL).pathname === "/";
}

/** What is to be found out about a server. */
export interface ProbeOptions {
  /** What the server is asked to do. */
  readonly kind: OpenAiKind;
  /** The model that will be asked for; without one, what {@linkcode findModel} finds. */
  readonly model?: string | undefined;
}

/**
 * Finds out whether a server is there, and tells the log: an operator wants to know now, not when somebody talks.
 * A server that is not may come up later, so this never fails.
 *
 * @returns what the server has; nothing where it does not say
 */
export async function probeOpenAi(
  server: OpenAiServer,
  { kind, model }: ProbeOptions,
): Promise<readonly ServedModel[]> {
  const logger = getLogger(["chatai", kind]);
  const about = { engine: OPENAI, origin: server.origin };

  function warnOfPath(): void {
    logger.warn(
      "{engine} at {origin} lists no models, and its base URL has no path: is it {origin}/v1?",
      about,
    );
  }

  try {
    const models = await listModels(server, { signal: AbortSignal.timeout(PROBE_MS) });
    const used = findModel(models, model);
    const names = models.slice(0, MAX_NAMED).map(({ id }) => id).join(", ");
    if (used === undefined && models.length > 0) {
      logger.warn("{engine} at {origin} answers, but does not list {model}. It has {names}", {
        ...about,
        model,
        names,
      });
    } else if (models.length === 0 && lacksPath(server)) {
      warnOfPath();
    } else {
      logger.info("{engine} at {origin} answers, and is asked for {model}", {
        ...about,
        model: used?.id ?? model ?? "what it has",
      });
    }
    if (used?.shutdown_date) {
      logger.warn("{engine} at {origin} serves {model} only until {day}", {
        ...about,
        model: used.id,
        day: used.shutdown_date.slice(0, DAY_LENGTH),
      });
    }
    return models;
  } catch (error) {
    const why = error instanceof EngineError ? error.message : `no word within ${PROBE_MS} ms`;
    logger.warn("{engine} at {origin} does not answer yet: {why}", { ...about, why });
    // LM Studio answers 200 to whatever it does not know.
    if (error instanceof EngineError && error.failure === "malformed" && lacksPath(server)) {
      warnOfPath();
    }
    return [];
  }
}
