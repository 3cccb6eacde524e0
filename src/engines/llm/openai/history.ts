import type { Message, Prompt } from "@/engines/llm/engine.ts";

/**
 * UTF-8 bytes of one token, at least: English has some 4, Chinese 3 (a character is about a token), code less. An
 * estimate that errs towards too many tokens, because no tokeniser is right for every model.
 */
const BYTES_PER_TOKEN = 3;

/** What a message costs besides its text: its role and the marks around it. */
const TOKENS_PER_MESSAGE = 4;

const utf8 = new TextEncoder();

/** How many tokens a text has, about; rather more than fewer. */
export function estimateTokens(text: string): number {
  return Math.ceil(utf8.encode(text).length / BYTES_PER_TOKEN);
}

/** How many tokens a prompt has, about: what the user is answered with is not in it. */
export function estimatePrompt({ instructions, messages, tools }: Prompt): number {
  const fixed = estimateTokens(instructions) +
    (tools.length > 0 ? estimateTokens(JSON.stringify(tools)) : 0);
  return messages.reduce((sum, message) => sum + sizeOf(message), fixed);
}

/** All that a prompt says. */
export function wordsOf({ instructions, messages, tools }: Prompt): string {
  return [instructions, ...messages.map(textOf), JSON.stringify(tools)].join("\n");
}

/**
 * Leaves the oldest turns out, each whole, until the prompt has at most so many tokens. A turn goes from what the
 * user says to what they say next, so a call and its output stay together. Instructions, functions and the last turn
 * are always kept, whatever their size.
 */
export function fitHistory(prompt: Prompt, budget: number): Prompt {
  const turns = turnsOf(prompt.messages);
  let tokens = estimatePrompt(prompt);
  let first = 0;
  while (tokens > budget && first < turns.length - 1) {
    tokens -= turns[first]!.reduce((sum, message) => sum + sizeOf(message), 0);
    first++;
  }
  return first === 0 ? prompt : { ...prompt, messages: turns.slice(first).flat() };
}

function turnsOf(messages: readonly Message[]): Message[][] {
  const turns: Message[][] = [];
  for (const message of messages) {
    if (message.role === "user" || turns.length === 0) turns.push([]);
    turns.at(-1)!.push(message);
  }
  return turns;
}

function sizeOf(message: Message): number {
  return estimateTokens(textOf(message)) + TOKENS_PER_MESSAGE;
}

function textOf(message: Message): string {
  if (message.role === "call") return `${message.callId}${message.name}${message.arguments}`;
  return message.role === "output" ? `${message.callId}${message.output}` : message.text;
}
