import { z } from "zod";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { createScripted } from "@/engines/llm/scripted.ts";
import type { FakeAnswer, FakeError, FakeOpenAiOptions, FakeRequest } from "./openai_server.ts";

const FunctionCall = z.strictObject({ name: z.string(), arguments: z.string() });

const ChatMessage = z.discriminatedUnion("role", [
  z.strictObject({ role: z.enum(["system", "developer", "user"]), content: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string().nullish(),
    tool_calls: z.array(
      z.strictObject({ id: z.string(), type: z.literal("function"), function: FunctionCall }),
    ).min(1).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string() }),
]);

/** What of the API reference this engine may need. */
const ChatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(ChatMessage).min(1),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  max_tokens: z.number().int().min(1).optional(),
  max_completion_tokens: z.number().int().min(1).optional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high"]).optional(),
  /** Not in the reference: vLLM's, SGLang's and llama.cpp's. */
  chat_template_kwargs: z.strictObject({ enable_thinking: z.boolean() }).optional(),
  tools: z.array(z.strictObject({
    type: z.literal("function"),
    function: z.strictObject({
      name: z.string().regex(/^[\w-]{1,64}$/),
      description: z.string().optional(),
      parameters: z.record(z.string(), z.unknown()).optional(),
    }),
  })).min(1).optional(),
  tool_choice: z.union([
    z.enum(["none", "auto", "required"]),
    z.strictObject({
      type: z.literal("function"),
      function: z.strictObject({ name: z.string() }),
    }),
  ]).optional(),
  parallel_tool_calls: z.boolean().optional(),
});
type ChatRequest = z.infer<typeof ChatRequest>;

/** `POST /chat/completions`, streamed: the scripted brain behind the API's form. */
export function completeChat(
  { body }: FakeRequest,
  options: FakeOpenAiOptions,
): FakeAnswer | { readonly error: FakeError } {
  const raw: Record<string, unknown> = JSON.parse(new TextDecoder().decode(body));
  const complaint = options.complains?.(raw);
  if (complaint !== undefined) return { error: complaint };
  const refused = options.refuses?.find((field) => field in raw);
  if (refused !== undefined) {
    const message = `Unsupported parameter: '${refused}' is not supported with this model.`;
    return {
      error: { status: 400, message, code: "unsupported_parameter", param: refused },
    };
  }
  const parsed = ChatRequest.safeParse(raw);
  if (!parsed.success) return { error: invalid(z.prettifyError(parsed.error)) };
  const wrong = misplaced(parsed.data);
  if (wrong !== undefined) return { error: invalid(wrong) };
  const tokens = Math.ceil(JSON.stringify(parsed.data.messages).length / 4);
  if (tokens > (options.contextTokens ?? Infinity)) {
    return {
      error: {
        status: 400,
        message: `This model's maximum context length is ${options.contextTokens} tokens. ` +
          `However, your messages resulted in ${tokens} tokens.`,
        code: "context_length_exceeded",
        param: "messages",
      },
    };
  }
  const { modelLength = Infinity } = options;
  const limit = parsed.data.max_completion_tokens ?? parsed.data.max_tokens ?? 1;
  if (tokens + limit > modelLength) {
    return {
      error: {
        status: 400,
        message: `'max_tokens' or 'max_completion_tokens' is too large: ${limit}. This model's ` +
          `maximum context length is ${modelLength} tokens and your request has ${tokens} input ` +
          `tokens (${limit} > ${modelLength} - ${tokens}).`,
        type: "BadRequestError",
        code: "400",
        param: "max_tokens",
      },
    };
  }
  return {
    headers: { "content-type": "text/event-stream; charset=utf-8" },
    pieces: joinFirst(events(parsed.data, options)),
    staysOpen: options.staysOpen ?? false,
  };
}

/** The first two as one piece: the very first says no more than who speaks. */
async function* joinFirst(events: AsyncGenerator<string>): AsyncGenerator<string> {
  const first = await events.next();
  const second = await events.next();
  yield `${first.value ?? ""}${second.value ?? ""}`;
  yield* events;
}

async function* events(request: ChatRequest, options: FakeOpenAiOptions): AsyncGenerator<string> {
  const base = {
    id: "chatcmpl-fake",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: request.model,
    system_fingerprint: "fp_fake",
  };
  const withUsage = request.stream_options?.include_usage ?? false;
  let usage: unknown;
  for await (const choice of options.chunks ?? choices(request, (counted) => usage = counted)) {
    const chunk = { ...base, choices: [{ index: 0, logprobs: null, ...choice }] };
    yield `data: ${JSON.stringify(withUsage ? { ...chunk, usage: null } : chunk)}\n\n`;
  }
  if (options.staysOpen) return;
  if (withUsage) yield `data: ${JSON.stringify({ ...base, choices: [], usage })}\n\n`;
  yield "data: [DONE]\n\n";
}

async function* choices(
  request: ChatRequest,
  count: (usage: unknown) => void,
): AsyncGenerator<Record<string, unknown>> {
  yield { delta: { role: "assistant", content: "", refusal: null }, finish_reason: null };
  let calls = 0;
  for await (
    const part of createScripted().reply(promptOf(request), {
      signal: new AbortController().signal,
    })
  ) {
    if (part.kind === "text") yield { delta: { content: part.text }, finish_reason: null };
    if (part.kind === "toolCall") {
      const index = calls++;
      const head = {
        index,
        id: part.callId,
        type: "function",
        function: { name: part.name, arguments: "" },
      };
      yield { delta: { tool_calls: [head] }, finish_reason: null };
      for (const piece of part.arguments.match(/[\s\S]{1,3}/g) ?? []) {
        const tail = { index, function: { arguments: piece } };
        yield { delta: { tool_calls: [tail] }, finish_reason: null };
      }
    }
    if (part.kind === "end") {
      const { inputTokens, outputTokens } = part.usage!;
      count({
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
        prompt_tokens_details: { cached_tokens: Math.floor(inputTokens / 2), audio_tokens: 0 },
      });
      yield { delta: {}, finish_reason: calls > 0 ? "tool_calls" : part.reason };
    }
  }
}

function promptOf(request: ChatRequest): Prompt {
  const { tool_choice: choice = "auto" } = request;
  return {
    instructions: "",
    messages: request.messages.flatMap(messagesOf),
    tools: (request.tools ?? []).map((tool) => tool.function),
    toolChoice: typeof choice === "string" ? choice : { name: choice.function.name },
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? "inf",
  };
}

function messagesOf(message: z.infer<typeof ChatMessage>): Message[] {
  switch (message.role) {
    case "system":
    case "developer":
      return [{ role: "system", text: message.content }];
    case "user":
      return message.content.split("\n").map((text) => ({ role: "user", text })); // each line is a remark
    case "tool":
      return [{ role: "output", callId: message.tool_call_id, output: message.content }];
    case "assistant":
      return [
        ...(message.content ? [{ role: "assistant" as const, text: message.content }] : []),
        ...(message.tool_calls ?? []).map(({ id, function: { name, arguments: args } }) => ({
          role: "call" as const,
          callId: id,
          name,
          arguments: args,
        })),
      ];
  }
}

/** What the reference says in words: every call is answered right behind it, and nothing else is. */
function misplaced({ messages, tools, tool_choice: choice }: ChatRequest): string | undefined {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.includes(message.tool_call_id)) {
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'";
      }
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) return "tool_call_ids did not have response messages";
    if (message.role === "assistant") open = (message.tool_calls ?? []).map(({ id }) => id);
  }
  if (open.length > 0) return "tool_call_ids did not have response messages";
  if (choice !== undefined && tools === undefined) {
    return "'tool_choice' is only allowed when 'tools' are specified";
  }
  return undefined;
}

function invalid(message: string): FakeError {
  return { status: 400, message };
}
