import { APIError } from "openai";
import { readOverflow, readRefusedField } from "@/engines/llm/openai/complaint.ts";
import { createRoom, type RefusedPrompt, type Room } from "@/engines/llm/openai/room.ts";

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
  readonly room: Room;
  /** Learns from an error; tells whether the same may be asked again, now in other words. */
  learn(error: unknown, prompt: RefusedPrompt): boolean;
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
  const room = createRoom(budget, { now });

  function learn(error: unknown, prompt: RefusedPrompt): boolean {
    if (!(error instanceof APIError) || ![400, 422, 500].includes(error.status)) return false;
    const overflow = readOverflow(error, prompt.words);
    if (overflow !== undefined) return room.learn(overflow, prompt);
    return error.status !== 500 && leaveOut(error, prompt);
  }

  /** Several requests under way may be refused for the same: each may be asked again, without what it was sent with. */
  function leaveOut(error: APIError, { words, fields: sent }: RefusedPrompt): boolean {
    const fields = OPTIONAL.filter((field) => sent.includes(field));
    const refused = readRefusedField(error, { fields, words });
    if (refused !== undefined) {
      unknown.add(refused);
      return true;
    }
    if (!sent.includes(limit)) return false;
    if (readRefusedField(error, { fields: [limit], words }) === undefined) return false;
    currentLimit = limit === "max_tokens" ? "max_completion_tokens" : "max_tokens";
    return true;
  }

  return {
    official,
    get limit() {
      return currentLimit;
    },
    room,
    knows: (field) => !unknown.has(field),
    learn,
  };
}
