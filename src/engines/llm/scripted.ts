import type { LanguageModel, Message, Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { think } from "@/engines/llm/scripted/brain.ts";
import { drawArguments } from "@/engines/llm/scripted/json_arguments.ts";
import { rememberName, saidBy } from "@/engines/llm/scripted/memory.ts";
import { chooseTool } from "@/engines/llm/scripted/tool_choice.ts";

/** What a test brings to make the answers its own. */
export interface ScriptedOptions {
  /** Unix time in ms. */
  readonly now?: () => number;
  /** IANA zone that "what time is it" means. */
  readonly timeZone?: string;
}

/**
 * The embedded brain: a small honest script, no language model, which makes a conversation possible without key
 * or network. It keeps nothing: all it knows of a conversation is in the prompt. `instructions` are not
 * obeyed, and neither are functions understood; `toolChoice` is honoured.
 *
 * Its token is a word.
 */
export function createScripted(
  { now = () => Date.now(), timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone }:
    ScriptedOptions = {},
): LanguageModel {
  async function* reply(
    prompt: Prompt,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    const limit = prompt.maxOutputTokens === "inf" ? Infinity : prompt.maxOutputTokens;
    let outputTokens = 0;
    let reason: "stop" | "length" = "stop";

    for (const part of compose(prompt, { now: now(), timeZone })) {
      signal.throwIfAborted();
      const tokens = countTokens(part.kind === "text" ? part.text : part.arguments);
      if (outputTokens + tokens > limit) {
        reason = "length";
        break;
      }
      outputTokens += tokens;
      yield part;
    }

    signal.throwIfAborted();
    const usage = { inputTokens: countInput(prompt), outputTokens, cachedTokens: 0 };
    yield { kind: "end", reason, usage };
  }

  return { name: "scripted", reply, [Symbol.asyncDispose]: () => Promise.resolve() };
}

type Said = Exclude<ReplyPart, { kind: "end" }>;

/** The whole reply: a call, or its words one by one, each with the space after it. */
function compose(prompt: Prompt, options: { now: number; timeZone: string }): readonly Said[] {
  const tool = chooseTool(prompt);
  if (!tool) {
    const words = think(prompt.messages, options).match(/\S+\s*/g) ?? [];
    return words.map((text) => ({ kind: "text", text }));
  }
  const said = saidBy("user", prompt.messages);
  const args = drawArguments(tool.parameters, {
    text: said.at(-1) ?? "",
    name: rememberName(said),
    now: options.now,
  });
  return [{
    kind: "toolCall",
    callId: `call_${crypto.randomUUID().replaceAll("-", "")}`,
    name: tool.name,
    arguments: JSON.stringify(args),
  }];
}

function countInput({ instructions, messages }: Prompt): number {
  return [instructions, ...messages.map(textOf)].reduce((sum, text) => sum + countTokens(text), 0);
}

function textOf(message: Message): string {
  if (message.role === "call") return `${message.name} ${message.arguments}`;
  return message.role === "output" ? message.output : message.text;
}

function countTokens(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
