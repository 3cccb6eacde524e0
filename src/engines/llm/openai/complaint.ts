import type { APIError } from "openai";

/** That a prompt was too long. */
export interface Overflow {
  /** Whether a code says so, or only a message. */
  readonly certain: boolean;
  /** Most tokens of a prompt and its reply, as the server counts them, if it says. */
  readonly maximum: number | undefined;
}

/** Codes and types of OpenAI and llama.cpp, and of who follows them. */
const TOO_LONG = /^[a-z_]*context_(length|size|window)[a-z_]*$/;

/** How vLLM, SGLang, LM Studio and Mistral say what their maximum is. */
const MAXIMUM =
  /context.{0,20}(?:length|size|window)\D{0,20}?(\d[\d,]*) tokens|(\d[\d,]*) maximum context length/i;

/**
 * How servers refuse a field without its name: `reasoning_effort: "none"` at Ollama and OpenRouter, where the quotation
 * mark behind the word is escaped if the message is JSON; `chat_template_kwargs` at vLLM with Mistral's tokeniser.
 */
const UNNAMED: Readonly<Record<string, RegExp>> = {
  reasoning_effort:
    /\b(reasoning|think|thinking)\b.{0,20}["'`]none\\?["'`]|does not support (thinking|reasoning)\b|\b(reasoning|thinking) is mandatory\b/i,
  chat_template_kwargs: /\bchat_template is not supported\b|\benable_thinking\b/i,
};

/**
 * Reads that a prompt was too long: a code says so, or a message names the maximum.
 *
 * @param words What the prompt said: a message may repeat it, and is not believed where it does.
 */
export function readOverflow(error: APIError, words: string): Overflow | undefined {
  const certain = [error.code, error.type].some((code) => TOO_LONG.test(code ?? ""));
  const maximum = maximumOf(error, words);
  return certain || maximum !== undefined ? { certain, maximum } : undefined;
}

/** The first of the fields that a server refuses: by its name, or else as servers do that do not name it. */
export function readRefusedField<Field extends string>(
  { code, type, param, message }: APIError,
  { fields, words }: { readonly fields: readonly Field[]; readonly words: string },
): Field | undefined {
  const codes = [code, type, param].join(" ");
  return fields.find((field) => codes.includes(field)) ??
    fields.find((field) => message.includes(field) && !repeats(field, words)) ??
    fields.find((field) => {
      const [refusal] = UNNAMED[field]?.exec(message) ?? [];
      return refusal !== undefined && !repeats(refusal, words);
    });
}

function maximumOf({ error, message }: APIError, words: string): number | undefined {
  const ofLlamaCpp: unknown = (error as { n_ctx?: unknown } | undefined)?.n_ctx;
  if (typeof ofLlamaCpp === "number") return ofLlamaCpp;
  const [said, behind, before] = MAXIMUM.exec(message) ?? [];
  const named = behind ?? before;
  if (said === undefined || named === undefined || repeats(said, words)) return undefined;
  return Number(named.replaceAll(",", ""));
}

function repeats(said: string, words: string): boolean {
  return words.toLowerCase().includes(said.toLowerCase());
}
