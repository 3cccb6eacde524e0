import type OpenAI from "openai";
import type { Message, Prompt, Tool } from "@/engines/llm/engine.ts";
import type { Dialect } from "@/engines/llm/openai/dialect.ts";
import { estimatePrompt } from "@/engines/llm/openai/history.ts";
import { takeTurns } from "@/engines/llm/openai/take_turns.ts";

/** A chat completion, as it is asked for: OpenAI's, and what vLLM, SGLang and llama.cpp hand to a model's template. */
export type ChatRequest = OpenAI.ChatCompletionCreateParamsStreaming & {
  readonly chat_template_kwargs?: { readonly enable_thinking: boolean };
};

/**
 * Writes a prompt as a request for a streamed chat completion.
 *
 * - Thinking is turned off: in a conversation it is silence. OpenAI's models take functions here only without it. The
 *   templates of Qwen3 and its like are told in a word of their own.
 * - Where no function may be called none is offered, since some servers do not obey `tool_choice`. Where one must be
 *   called by name, it alone is offered, but at OpenAI: LM Studio refuses a name, and llama.cpp passes over it.
 * - No more is asked for in reply than the server has room for behind the prompt: vLLM refuses that.
 * - Calls made side by side are one message, together with what was said before them: templates of local models
 *   insist on it.
 */
export function chatRequest(
  prompt: Prompt,
  { model, dialect }: { readonly model: string; readonly dialect: Dialect },
): ChatRequest {
  const { tools, choice } = offer(prompt, dialect);
  return {
    model,
    stream: true,
    messages: messagesOf(dialect.official ? prompt : takeTurns(prompt)),
    ...(dialect.knows("stream_options") && { stream_options: { include_usage: true } }),
    ...(dialect.knows("reasoning_effort") && { reasoning_effort: "none" }),
    ...(dialect.knows("chat_template_kwargs") && {
      chat_template_kwargs: { enable_thinking: false },
    }),
    ...(prompt.maxOutputTokens !== "inf" && {
      [dialect.limit]: Math.min(
        prompt.maxOutputTokens,
        dialect.room.replyTo(estimatePrompt(prompt)),
      ),
    }),
    ...(tools.length > 0 && {
      tools: tools.map(toolOf),
      tool_choice: choice,
      ...(dialect.knows("parallel_tool_calls") && { parallel_tool_calls: true }),
    }),
  };
}

function messagesOf({ instructions, messages }: Prompt): OpenAI.ChatCompletionMessageParam[] {
  const written: OpenAI.ChatCompletionMessageParam[] = [];
  if (instructions !== "" || messages.length === 0) {
    written.push({ role: "system", content: instructions });
  }
  for (const message of messages) {
    const last = written.at(-1);
    if (message.role === "call" && last?.role === "assistant") {
      last.tool_calls = [...last.tool_calls ?? [], callOf(message)];
    } else {
      written.push(messageOf(message));
    }
  }
  return written;
}

function messageOf(message: Message): OpenAI.ChatCompletionMessageParam {
  switch (message.role) {
    case "call":
      return { role: "assistant", content: null, tool_calls: [callOf(message)] };
    case "output":
      return { role: "tool", tool_call_id: message.callId, content: message.output };
    default:
      return { role: message.role, content: message.text };
  }
}

function callOf(
  { callId, name, arguments: args }: Extract<Message, { role: "call" }>,
): OpenAI.ChatCompletionMessageFunctionToolCall {
  return { type: "function", id: callId, function: { name, arguments: args } };
}

function toolOf({ name, description, parameters }: Tool): OpenAI.ChatCompletionFunctionTool {
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: "object", properties: {} },
    },
  };
}

/** The functions that may be called, and how the model is told whether it must. */
function offer(
  { tools, toolChoice }: Prompt,
  { official }: Dialect,
): { tools: readonly Tool[]; choice: OpenAI.ChatCompletionToolChoiceOption } {
  if (toolChoice === "none") return { tools: [], choice: "none" };
  if (typeof toolChoice === "string") return { tools, choice: toolChoice };
  const { name } = toolChoice;
  return official
    ? { tools, choice: { type: "function", function: { name } } }
    : { tools: tools.filter((tool) => tool.name === name), choice: "required" };
}
