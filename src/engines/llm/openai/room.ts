import type { Overflow } from "@/engines/llm/openai/complaint.ts";

/** How much room one server has for a prompt and the reply to it, as far as is known. */
export interface Room {
  /** Tokens of the longest prompt to send. */
  readonly budget: number;
  /** Most tokens to ask for in reply to a prompt of so many. */
  replyTo(prompt: number): number;
  /** Takes a server's word for the tokens of prompt and reply together. */
  learnLength(tokens: number): void;
  /** Learns that a prompt was too long, or its reply; tells whether there would be less of either now. */
  learn(overflow: Overflow, prompt: RefusedPrompt): boolean;
}

/** The prompt that an error is about. */
export interface RefusedPrompt {
  /** Its tokens, as it was sent. */
  readonly sent: number;
  /** Its tokens with as little history as possible. */
  readonly least: number;
  /** Tokens of the longest reply to it that was asked for; 0 where no limit was sent. */
  readonly reply: number;
  /** All that it says, which an error's message may repeat. */
  readonly words: string;
  /** Names of all that was sent with it. */
  readonly fields: readonly string[];
}

interface Bounds {
  /** Tokens of the longest prompt, whatever the length. */
  readonly prompt: number;
  /** Tokens of prompt and reply together. */
  readonly length: number;
}

/** After what was too long, the next may have so much of its size. */
const SHRINK = 3 / 4;

/**
 * Tokens that every prompt may have, whatever one session's was refused for. Whoever serves a model for conversations
 * has more room, and what instructions, functions and the last turn need is sent in any case.
 */
const LEAST_BUDGET = 1024;

/**
 * What of a known length history leaves free for the reply, in tokens: minutes of speech. More, such as the 4,096 that
 * clients ask for by default, would take it from what was said.
 */
const REPLY_TOKENS = 1024;

/** Asked for though a prompt leaves less: some 200 words, and estimates of prompts err towards too many tokens. */
const LEAST_REPLY = 256;

/** What a chat template adds by itself, in tokens: Llama's has a date, Qwen's tells how to call functions. */
const TEMPLATE_TOKENS = 256;

/** How long to go by what only a message has said, in ms: it may have been the user's words after all. */
const GUESS_MS = 10 * 60_000;

/**
 * Begins with prompts of so many tokens and any reply. What is learnt holds for all sessions. Where a reply was too
 * long, it is shortened, and history only where prompts leave it less than 1,024 tokens.
 */
export function createRoom(
  budget: number,
  { now }: { readonly now: () => number },
): Room {
  let known: Bounds = { prompt: budget, length: Infinity };
  let guess = { bounds: known, until: -Infinity };

  function current(): Bounds {
    if (now() >= guess.until) return known;
    const { prompt, length } = guess.bounds;
    return { prompt: Math.min(known.prompt, prompt), length: Math.min(known.length, length) };
  }

  return {
    get budget() {
      return budgetOf(current());
    },
    replyTo: (prompt) => replyOf(current(), prompt),
    learnLength(tokens) {
      known = { ...known, length: Math.min(known.length, tokens) };
    },
    learn({ certain, maximum = Infinity }, refused) {
      const before = certain ? known : current();
      // Another refusal may have come while this prompt was under way.
      if (shortens(before, refused)) return true;
      const bounds = lessThan(before, maximum, refused);
      if (!shortens(bounds, refused)) return false;
      if (certain) known = bounds;
      else guess = { bounds, until: now() + GUESS_MS };
      return true;
    },
  };
}

/** The reply is shortened first, if it may be to blame. */
function lessThan(before: Bounds, maximum: number, { sent, reply }: RefusedPrompt): Bounds {
  const told = { ...before, length: Math.min(before.length, maximum) };
  if (reply > replyOf(told, sent)) return told;
  const lower = { ...told, length: Math.floor(told.length * SHRINK) };
  if (reply > replyOf(lower, sent)) return lower;
  return { ...told, prompt: Math.min(before.prompt, Math.floor(sent * SHRINK)) };
}

function shortens(bounds: Bounds, { sent, least, reply }: RefusedPrompt): boolean {
  return sent > Math.max(least, budgetOf(bounds)) || reply > replyOf(bounds, sent);
}

function budgetOf({ prompt, length }: Bounds): number {
  return Math.max(LEAST_BUDGET, Math.min(prompt, length - REPLY_TOKENS));
}

function replyOf({ length }: Bounds, prompt: number): number {
  return Math.max(LEAST_REPLY, length - prompt - TEMPLATE_TOKENS);
}
