import { getLogger } from "@logtape/logtape";
import OpenAI, { APIError } from "openai";
import type { Config } from "@/config.ts";
import { basicAuth } from "@/engines/basic_auth.ts";
import { explainOpenAiError, OPENAI } from "@/engines/openai/explain.ts";
import { type Patience, remoteAnswer } from "@/engines/remote_answer.ts";

/** Where OpenAI's own API is. */
const OPENAI_URL = "https://api.openai.com/v1";

/** The kinds of engine that this API serves. */
export type OpenAiKind = keyof Config["remote"]["openai"];

/** A server that speaks OpenAI's HTTP API. Disposing it ends every answer. */
export interface OpenAiServer extends AsyncDisposable {
  /** Without retries: a second try belongs to the next engine, or to the next turn. */
  readonly client: OpenAI;
  /** Protocol, host and port, for logs. */
  readonly origin: string;
  /** Whether it is OpenAI's own, of which more is known than that it speaks the API. */
  readonly official: boolean;
  /**
   * Reads an answer, within the server's patience.
   *
   * @throws {EngineError} what went wrong, with nothing of the user's or the operator's in it
   */
  answer<Part>(
    ask: (signal: AbortSignal) => Promise<AsyncIterable<Part>>,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<Part>;
}

/** Prepares to ask a server; nothing is sent yet. */
export function connectOpenAi(
  { baseUrl, apiKey }: Config["remote"]["openai"][OpenAiKind],
  patience: Patience,
): OpenAiServer {
  const logger = getLogger(["chatai", "engines", OPENAI]);
  const url = new URL(baseUrl ?? OPENAI_URL);
  const { origin, hostname } = url;
  const login = basicAuth(url.href);
  url.username = url.password = "";
  const disposed = new AbortController();
  const client = new OpenAI({
    baseURL: url.href,
    defaultHeaders: login, // in place of the key
    apiKey: apiKey ?? "none", // the package wants one, and servers that need none ignore it
    // The package would look for each of these in the environment, which is not ours to read here.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
  });

  return {
    client,
    origin,
    official: hostname === "api.openai.com",
    answer: (ask, { signal }) =>
      remoteAnswer({
        engine: OPENAI,
        signal: AbortSignal.any([signal, disposed.signal]),
        patience,
        ask,
        explain(error) {
          if (error instanceof APIError) {
            const said = error.message.replaceAll(client.apiKey ?? "", "…");
            logger.debug("{origin} said: {said}", { origin, said });
          }
          return explainOpenAiError(error, origin);
        },
      }),
    [Symbol.asyncDispose]() {
      disposed.abort(new DOMException("The engine has ended", "AbortError"));
      return Promise.resolve();
    },
  };
}
