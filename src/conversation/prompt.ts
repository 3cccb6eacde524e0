import type { FunctionCallItem, Item, MessageItem } from "@/conversation/item.ts";
import type { ResponseOverrides } from "@/conversation/overrides.ts";
import type { SessionSettings } from "@/conversation/settings.ts";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { InvalidRequest } from "@/errors.ts";

/** What a prompt is made of. */
export interface PromptSources {
  /** The conversation, oldest first. */
  readonly items: readonly Item[];
  /** The session's, which hold where `overrides` say nothing. */
  readonly settings: SessionSettings;
  /** What this response does otherwise; `input` takes the place of the conversation. */
  readonly overrides: ResponseOverrides;
}

/** Stands for the output of a call that the client still works on, so that the model does not call again. */
const NO_OUTPUT_YET = "(no result yet)";

/**
 * Makes the prompt of one response: what was said and heard, in order. Speech counts by its transcript, an
 * interrupted reply by the words that were heard, and what is empty is left out. The output of a call stands
 * right behind it, wherever it came, because models accept it nowhere else; a call that was broken off and an
 * output whose call was deleted are left out.
 *
 * @throws {InvalidRequest} if `overrides.input` refers to an item that is not in the conversation
 */
export function buildPrompt({ items, settings, overrides }: PromptSources): Prompt {
  const context = resolveInput(overrides.input, items);
  const toolChoice = overrides.tool_choice ?? settings.tool_choice;
  return {
    instructions: overrides.instructions ?? settings.instructions,
    messages: messagesOf(context),
    tools: (overrides.tools ?? settings.tools).map(({ name, description, parameters }) => ({
      name,
      description,
      parameters,
    })),
    toolChoice: typeof toolChoice === "string" ? toolChoice : { name: toolChoice.name },
    maxOutputTokens: overrides.max_output_tokens ?? settings.max_output_tokens,
  };
}

/**
 * What takes the place of the conversation in a prompt, item for item; without an input, the conversation.
 *
 * @throws {InvalidRequest} if the input refers to an item that is not in the conversation
 */
export function resolveInput(
  input: ResponseOverrides["input"],
  items: readonly Item[],
): readonly Item[] {
  if (input === undefined) return items;
  return input.map((entry) => {
    if (entry.type !== "item_reference") return entry;
    const item = items.find(({ id }) => id === entry.id);
    if (item === undefined) {
      throw new InvalidRequest(`There is no item "${entry.id}" to refer to`, {
        code: "item_retrieve_invalid_item_id",
        param: "response.input",
      });
    }
    return item;
  });
}

function messagesOf(items: readonly Item[]): Message[] {
  const outputs = new Map<string, string>();
  for (const item of items) {
    if (item.type === "function_call_output") outputs.set(item.call_id, item.output);
  }

  const messages: Message[] = [];
  let calls: FunctionCallItem[] = [];

  /** Ends a run of calls made side by side: their outputs follow, in the order of the calls. */
  function answerCalls(): void {
    for (const { call_id: callId } of calls) {
      messages.push({ role: "output", callId, output: outputs.get(callId) ?? NO_OUTPUT_YET });
    }
    calls = [];
  }

  for (const item of items) {
    if (item.type === "function_call_output") continue;
    if (item.type === "function_call") {
      if (item.status !== "completed") continue;
      const { call_id: callId, name, arguments: args } = item;
      messages.push({ role: "call", callId, name, arguments: args });
      calls.push(item);
      continue;
    }
    const text = textOf(item);
    if (text === "") continue;
    answerCalls();
    messages.push({ role: item.role, text });
  }
  answerCalls();
  return messages;
}

function textOf({ content }: MessageItem): string {
  return content
    .map((part) => "text" in part ? part.text : part.transcript ?? "")
    .filter((text) => text.trim() !== "")
    .join("\n");
}
