import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { Message, Prompt } from "@/engines/llm/engine.ts";
import { chatRequest } from "@/engines/llm/openai/chat_request.ts";
import { createDialect } from "@/engines/llm/openai/dialect.ts";
import { prompt } from "../../../contracts/llm_contract.ts";

const dialect = createDialect({ official: false, budget: 1000 });
const openAi = createDialect({ official: true, budget: 1000 });
const TOOL = { name: "weather", parameters: { type: "object", properties: { city: {} } } };

function write(changes: Partial<Prompt>, to = dialect) {
  return chatRequest({ ...prompt("Hi."), ...changes }, { model: "m", dialect: to });
}

Deno.test("a plain prompt asks for a stream with its usage, and for no thinking", () => {
  deepEqual(write({}), {
    model: "m",
    stream: true,
    stream_options: { include_usage: true },
    reasoning_effort: "none",
    chat_template_kwargs: { enable_thinking: false },
    messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "Hi." }],
  });
  equal("chat_template_kwargs" in write({}, openAi), false);
});

Deno.test("without instructions there is no system message, unless there is nothing else", () => {
  deepEqual(write({ instructions: "" }).messages, [{ role: "user", content: "Hi." }]);
  deepEqual(write({ instructions: "", messages: [] }, openAi).messages, [
    { role: "system", content: "" },
  ]);
});

Deno.test("OpenAI is told all as it was said, and other servers in turns", () => {
  const messages: Message[] = [
    { role: "assistant", text: "Welcome." },
    { role: "user", text: "One." },
    { role: "user", text: "Two." },
    { role: "system", text: "It is late." },
  ];

  const [official, other] = [openAi, dialect].map((to) =>
    write({ instructions: "", messages }, to).messages
  );

  deepEqual(official, [
    { role: "assistant", content: "Welcome." },
    { role: "user", content: "One." },
    { role: "user", content: "Two." },
    { role: "system", content: "It is late." },
  ]);
  deepEqual(other, [
    { role: "user", content: "(The user is listening.)" },
    { role: "assistant", content: "Welcome." },
    { role: "user", content: "One.\nTwo.\n[system] It is late." },
  ]);
});

Deno.test("calls made side by side are one message with what was said before, and their outputs follow", () => {
  const messages: Message[] = [
    { role: "user", text: "weather" },
    { role: "assistant", text: "Let me look." },
    { role: "call", callId: "1", name: "weather", arguments: '{"city":"Paris"}' },
    { role: "call", callId: "2", name: "weather", arguments: '{"city":"Rome"}' },
    { role: "output", callId: "1", output: "rain" },
    { role: "output", callId: "2", output: "sun" },
    { role: "call", callId: "3", name: "weather", arguments: "{}" },
    { role: "output", callId: "3", output: "fog" },
  ];

  const written = write({ instructions: "", messages }).messages;

  const call = (id: string, args: string) => ({
    type: "function",
    id,
    function: { name: "weather", arguments: args },
  });
  deepEqual(written, [
    { role: "user", content: "weather" },
    {
      role: "assistant",
      content: "Let me look.",
      tool_calls: [call("1", '{"city":"Paris"}'), call("2", '{"city":"Rome"}')],
    },
    { role: "tool", tool_call_id: "1", content: "rain" },
    { role: "tool", tool_call_id: "2", content: "sun" },
    { role: "assistant", content: null, tool_calls: [call("3", "{}")] },
    { role: "tool", tool_call_id: "3", content: "fog" },
  ]);
});

Deno.test("functions are offered with a schema, several may be called, and one can be forced", () => {
  const request = write({
    tools: [TOOL, { name: "alarm", description: "Rings." }],
    toolChoice: { name: "weather" },
  }, openAi);

  deepEqual(request.tools, [
    { type: "function", function: TOOL },
    {
      type: "function",
      function: {
        name: "alarm",
        description: "Rings.",
        parameters: { type: "object", properties: {} },
      },
    },
  ]);
  deepEqual(request.tool_choice, { type: "function", function: { name: "weather" } });
  equal(request.parallel_tool_calls, true);
  equal(write({ tools: [TOOL], toolChoice: "required" }).tool_choice, "required");
});

Deno.test("a function that must be called is the only one that a server other than OpenAI's is offered", () => {
  const request = write({
    tools: [TOOL, { name: "alarm" }],
    toolChoice: { name: "weather" },
  });

  deepEqual(request.tools, [{ type: "function", function: TOOL }]);
  equal(request.tool_choice, "required");
});

Deno.test("where no function may be called, none is offered", () => {
  const request = write({ tools: [TOOL], toolChoice: "none" });

  deepEqual([request.tools, request.tool_choice, request.parallel_tool_calls], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("the limit of the reply is sent under the name that the server knows", () => {
  const [official, other] = [openAi, dialect].map((to) => write({ maxOutputTokens: 7 }, to));

  equal(official!.max_completion_tokens, 7);
  equal(other!.max_tokens, 7);
});

Deno.test("no more is asked for in reply than there is room for, as soon as that is known", () => {
  const small = createDialect({ official: false, budget: 28_672 });
  small.room.learnLength(4096);

  const [unbounded, long, short] = (["inf", 4096, 7] as const).map((maxOutputTokens) =>
    write({ maxOutputTokens }, small).max_tokens
  );

  deepEqual([unbounded, short], [undefined, 7]);
  ok(long! > 3500 && long! < 4096 - 256, `${long}`);
});
