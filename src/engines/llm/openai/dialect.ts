import { APIError } from "openai";
import { type Overflow, readOverflow, readRefusedField } from "@/engines/llm/openai/complaint.ts";

/** The two names of the limit of a reply. */
export type LimitField = "max_completion_tokens" | "max_tokens";

/** Of other servers than OpenAI's, which refuses it. */
const FOREIGN = "chat_template_kwargs";

/** Fields that are better sent and can be left out. A refusal may list all that is known instead: the foreign first. */
const OPTIONAL = [FOREIGN, "stream_options", "parallel_tool_calls", "reasoning_effort"] as const;

/** {@inheritDoc OPTIONAL} */
export type OptionalField = typeof OPTIONAL[number];

/**
 * What of the API one server understands. Servers that claim to speak it differ; most ignore what they do not know,
 * and some refuse it. A refusal that names a field is learnt from, once for all requests to that server.
 */
export interface Dialect {
  /** Whether it is OpenAI's own, which takes messages in any order and functions by name. */
  readonly official: boolean;
  readonly limit: LimitField;
  /** Whether a field may be sent. */
  knows(field: OptionalField): boolean;
  /** Tokens of the longest prompt to send. */
  readonly budget: number;
  /** Learns from an error; tells whether the same may be asked again, now in other words. */
  learn(error: unknown, prompt: RefusedPrompt): boolean;
}

/** The prompt that an error is about. */
export interface RefusedPrompt {
  /** Its tokens, as it was sent. */
  readonly sent: number;
  /** Its tokens with as little history as possible. */
  readonly least: number;
  /** All that it says, which an error's message may repeat. */
  readonly words: string;
}

/** What is known of a server at first. */
export interface DialectOptions {
  /** Whether it is OpenAI's own. */
  readonly official: boolean;
  /** Tokens of the longest prompt. */
  readonly budget: number;
  /** Any clock, in ms. */
  readonly now?: () => number;
}

/** After a prompt that was too long, the next may have so much of its size. */
const SHRINK = 3 / 4;

/**
 * Tokens that every prompt may have, whatever one session's was refused for. Whoever serves a model for conversations
 * has more room, and what instructions, functions and the last turn need is sent in any case.
 */
const LEAST_BUDGET = 1024;

/** How long to go by what only a message has said, in ms: it may have been the user's words after all. */
const GUESS_MS = 10 * 60_000;

/**
 * Starts to speak with a server of which nothing has been learnt yet. What is learnt holds for all sessions, so no
 * message is believed that may only repeat what one user said.
 */
export function createDialect(
  { official, budget, now = () => performance.now() }: DialectOptions,
): Dialect {
  const limit: LimitField = official ? "max_completion_tokens" : "max_tokens";
  const unknown = new Set<OptionalField>(official ? [FOREIGN] : []);
  let currentLimit = limit;
  let knownBudget = budget;
  let guess = { budget: Infinity, until: -Infinity };

  function currentBudget(): number {
    return now() < guess.until ? Math.min(knownBudget, guess.budget) : knownBudget;
  }

  function learn(error: unknown, prompt: RefusedPrompt): boolean {
    if (!(error instanceof APIError) || ![400, 422, 500].includes(error.status)) return false;
    const overflow = readOverflow(error, prompt.words);
    if (overflow !== undefined) return shorten(overflow, prompt);
    return error.status !== 500 && leaveOut(error, prompt);
  }

  function shorten({ certain, maximum = Infinity }: Overflow, prompt: RefusedPrompt): boolean {
    const { sent, least } = prompt;
    const before = certain ? knownBudget : currentBudget();
    const shorter = Math.max(
      LEAST_BUDGET,
      Math.min(before, maximum, Math.floor(sent * SHRINK)),
    );
    if (sent <= Math.max(least, shorter)) return false;
    if (certain) knownBudget = shorter;
    else guess = { budget: shorter, until: now() + GUESS_MS };
    return true;
  }

  function leaveOut(error: APIError, { words }: RefusedPrompt): boolean {
    const fields = OPTIONAL.filter((field) => !unknown.has(field));
    const refused = readRefusedField(error, { fields, words });
    if (refused !== undefined) {
      unknown.add(refused);
      return true;
    }
    if (currentLimit !== limit) return false;
    if (readRefusedField(error, { fields: [limit], words }) === undefined) return false;
    currentLimit = limit === "max_tokens" ? "max_completion_tokens" : "max_tokens";
    return true;
  }

  return {
    official,
    get limit() {
      return currentLimit;
    },
    get budget() {
      return currentBudget();
    },
    knows: (field) => !unknown.has(field),
    learn,
  };
}
