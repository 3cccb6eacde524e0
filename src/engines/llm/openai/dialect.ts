import { APIError } from "openai";

/** The two names of the limit of a reply. */
export type LimitField = "max_completion_tokens" | "max_tokens";

/** Fields that are better sent and can be left out. */
const OPTIONAL = ["stream_options", "parallel_tool_calls", "reasoning_effort"] as const;

/** {@inheritDoc OPTIONAL} */
export type OptionalField = typeof OPTIONAL[number];

/**
 * What of the API one server understands. Servers that claim to speak it differ; most ignore what they do not know,
 * and some refuse it. A refusal that names a field is learnt from, once for all requests to that server.
 */
export interface Dialect {
  readonly limit: LimitField;
  /** Whether a field may be sent. */
  knows(field: OptionalField): boolean;
  /** Tokens of the longest prompt to send. */
  readonly budget: number;
  /** Learns from an error; tells whether the same may be asked again, now in other words. */
  learn(error: unknown, prompt: RefusedPrompt): boolean;
}

/** The prompt that an error is about, in tokens. */
export interface RefusedPrompt {
  /** As it was sent. */
  readonly sent: number;
  /** With as little history as possible. */
  readonly least: number;
}

/** How a server is spoken to at first. */
export interface DialectOptions {
  readonly limit: LimitField;
  readonly budget: number;
}

/** After a prompt that was too long, the next may have so much of its size. */
const SHRINK = 3 / 4;

/** How OpenAI, llama.cpp and vLLM complain of a prompt that does not fit. */
const TOO_LONG = /context.{0,20}(length|size|window)/i;

/** Starts to speak with a server of which nothing has been learnt yet. */
export function createDialect({ limit, budget }: DialectOptions): Dialect {
  const unknown = new Set<OptionalField>();
  let currentLimit = limit;
  let currentBudget = budget;

  function learn(error: unknown, { sent, least }: RefusedPrompt): boolean {
    if (!(error instanceof APIError) || ![400, 422, 500].includes(error.status)) return false;
    const complaint = [error.code, error.type, error.param, error.message].join(" ");

    if (TOO_LONG.test(complaint)) {
      if (sent <= least) return false;
      currentBudget = Math.floor(sent * SHRINK);
      return true;
    }
    if (error.status === 500) return false;
    const refused = OPTIONAL.find((field) => !unknown.has(field) && complaint.includes(field));
    if (refused !== undefined) {
      unknown.add(refused);
      return true;
    }
    if (currentLimit !== limit || !complaint.includes(limit)) return false;
    currentLimit = limit === "max_tokens" ? "max_completion_tokens" : "max_tokens";
    return true;
  }

  return {
    get limit() {
      return currentLimit;
    },
    get budget() {
      return currentBudget;
    },
    knows: (field) => !unknown.has(field),
    learn,
  };
}
