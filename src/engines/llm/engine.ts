import type { Engine, RequestOptions } from "@/engines/engine.ts";

/** One entry of the conversation, as a model reads it. */
export type Message =
  | { readonly role: "system" | "user" | "assistant"; readonly text: string }
  | {
    readonly role: "call";
    readonly callId: string;
    readonly name: string;
    readonly arguments: string;
  }
  | { readonly role: "output"; readonly callId: string; readonly output: string };

/** A function the model may call. */
export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON schema of the arguments: an object schema. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether the model may call (`auto`), may not (`none`), must (`required`), or must call one by name. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** All that a model is told for one reply. */
export interface Prompt {
  readonly instructions: string;
  /** Oldest first. The last one is usually the user's. */
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** 1 to 4096, or no limit. */
  readonly maxOutputTokens: number | "inf";
}

/** Tokens of one reply, counted by the engine with its own tokeniser. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Input tokens that the engine had cached; 0 where it does not say. */
  readonly cachedTokens: number;
}

/** A call of a function, complete. `arguments` is a JSON object in text. */
export interface ToolCall {
  readonly kind: "toolCall";
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
}

/** How a reply ended: it was said, it met `maxOutputTokens`, or the model's filter stopped it. */
export interface ReplyEnd {
  readonly kind: "end";
  readonly reason: "stop" | "length" | "filter";
  /** Absent where the engine does not count. */
  readonly usage?: TokenUsage;
}

/** What a model yields: text in pieces, calls whole, then exactly one end. */
export type ReplyPart = { readonly kind: "text"; readonly text: string } | ToolCall | ReplyEnd;

/** Thinks of a reply. */
export interface LanguageModel extends Engine {
  /** Yields the reply as it is thought of. Rejects promptly once `signal` aborts. */
  reply(prompt: Prompt, options: RequestOptions): AsyncIterable<ReplyPart>;
}
