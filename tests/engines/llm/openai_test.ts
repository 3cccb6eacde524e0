import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async";
import type { LanguageModel, ReplyPart } from "@/engines/llm/engine.ts";
import { createOpenAiModel } from "@/engines/llm/openai.ts";
import { collect, prompt, testLanguageModel, textOf } from "../../contracts/llm_contract.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import {
  type FakeError,
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from "../../fakes/openai_server.ts";
import { openAiAt } from "../openai/endpoint.ts";

const KEY = "sk-secret-of-the-operator";
const MODELS = [{ id: "fake-model", object: "model", created: 1, owned_by: "us" }];
const { signal } = new AbortController();
/** Much longer than a reply takes, and much shorter than the patience with a server. */
const SOON_MS = 8000;
const ASKED = ["Say the words pineapple juice.", "Say the words zebra crossing."] as const;

testLanguageModel("openai", async () => {
  const server = await startFakeOpenAi({ models: MODELS });
  const llm = await createOpenAiModel(openAiAt(server.url));
  return { ...llm, [Symbol.asyncDispose]: () => disposeBoth(llm, server) };
});

testRemoteEngine("llm openai", {
  start: () => startFakeOpenAi({ apiKey: KEY, models: MODELS }),
  create: ({ url }, { patienceMs }) =>
    createOpenAiModel(openAiAt(url, { apiKey: KEY }), {
      patience: { connectMs: patienceMs, partMs: patienceMs },
    }),
  ask: (llm, which, signal) => llm.reply(prompt(ASKED[which]), { signal }),
  whole: (parts: readonly ReplyPart[]) => textOf(parts),
  secrets: [KEY, "pineapple"],
});

async function disposeBoth(llm: LanguageModel, server: FakeOpenAi): Promise<void> {
  await llm[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
}

/** A model at a server of its own, which both end with the test. */
async function start(
  options: FakeOpenAiOptions = {},
  model = "fake-model",
): Promise<AsyncDisposable & { llm: LanguageModel; server: FakeOpenAi }> {
  const server = await startFakeOpenAi({ models: MODELS, ...options });
  const llm = await createOpenAiModel(openAiAt(server.url, model === "" ? {} : { model }));
  return { llm, server, [Symbol.asyncDispose]: () => disposeBoth(llm, server) };
}

/** Bodies of the chat requests so far. */
function chats({ requests }: FakeOpenAi): Record<string, unknown>[] {
  return requests
    .filter(({ path }) => path === "/v1/chat/completions")
    .map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
}

/** What Gemma's template says through vLLM, and Qwen's of system messages. */
function wantsTurns(request: Readonly<Record<string, unknown>>): FakeError | undefined {
  const [first, ...others] = (request["messages"] as { role: string }[]).map(({ role }) => role);
  const roles = first === "system" ? others : [first, ...others];
  if (roles.includes("system")) {
    return { status: 400, message: "System message must be at the beginning." };
  }
  return roles.length === 0 || roles.some((role, i) => (role === "user") !== (i % 2 === 0))
    ? {
      status: 400,
      message: "Conversation roles must alternate user/assistant/user/assistant/...",
    }
    : undefined;
}

Deno.test("openai streams: the first words are there while the server still thinks", async () => {
  await using started = await start();
  started.server.fault = { kind: "stall" };
  const parts = started.llm.reply(prompt("say one two three"), { signal })[Symbol.asyncIterator]();

  const first = await parts.next();

  deepEqual(first, { done: false, value: { kind: "text", text: "One " } });
  await parts.return?.();
});

Deno.test("openai keeps to itself what a model thinks in its reply", async () => {
  const pieces = ["<thi", "nk>Hm.", "</think>", "\n\n", "Yes", "."];
  const chunks = pieces.map((content) => ({ delta: { content } }));
  await using started = await start({ chunks: [...chunks, { finish_reason: "stop" }] });

  const parts = await collect(started.llm, prompt("Is it?"));

  deepEqual(parts, [
    { kind: "text", text: "Yes" },
    { kind: "text", text: "." },
    { kind: "end", reason: "stop" },
  ]);
});

Deno.test("openai does not wait for a server that keeps the stream of a whole reply open, and closes it", async () => {
  await using started = await start({ staysOpen: true });

  const parts = await deadline(collect(started.llm, prompt("say one")), SOON_MS);

  deepEqual(parts.at(-1), { kind: "end", reason: "stop" });
  await (await started.server.nextArrival()).closed;
});

Deno.test("openai tells how many tokens there were, and how many the server had cached", async () => {
  await using started = await start();

  const parts = await collect(started.llm, prompt("say one two three"));

  deepEqual(parts.at(-1), {
    kind: "end",
    reason: "stop",
    usage: { inputTokens: 6, outputTokens: 3, cachedTokens: 3 },
  });
});

Deno.test("openai asks a server that refuses what others know for less, and remembers", async () => {
  const refuses = [
    "stream_options",
    "reasoning_effort",
    "chat_template_kwargs",
    "max_tokens",
    "parallel_tool_calls",
  ];
  await using started = await start({ refuses });
  const request = { ...prompt("say one"), maxOutputTokens: 9, tools: [{ name: "alarm" }] };

  const first = await collect(started.llm, request);
  const asked = started.server.arrivals();
  const second = await collect(started.llm, request);

  deepEqual([textOf(first), textOf(second)], ["One.", "One."]);
  equal(asked, 1 + refuses.length);
  equal(started.server.arrivals(), asked + 1);
  const { messages: _, tools: __, ...rest } = chats(started.server).at(-1)!;
  deepEqual(rest, {
    model: "fake-model",
    stream: true,
    max_completion_tokens: 9,
    tool_choice: "auto",
  });
});

Deno.test("openai lets a model think whose server has no word for not to, and asks no more", async () => {
  await using started = await start({
    complains: ({ reasoning_effort: effort }) =>
      effort === "none"
        ? { status: 400, message: `think value "${effort}" is not supported for this model` }
        : undefined,
  });

  const first = await collect(started.llm, prompt("say one"));
  const second = await collect(started.llm, prompt("say one"));

  deepEqual([textOf(first), textOf(second)], ["One.", "One."]);
  deepEqual(
    chats(started.server).map(({ reasoning_effort: effort }) => effort),
    ["none", undefined, undefined],
  );
});

Deno.test("openai has a function called by name where a server knows no choice of one, and no name of thinking", async () => {
  await using started = await start({
    complains: ({ tool_choice: choice, chat_template_kwargs: settings }) => {
      if (typeof choice === "object") {
        return {
          status: 400,
          message:
            "Invalid tool_choice type: 'object'. Supported string values: none, auto, required",
        };
      }
      return settings === undefined ? undefined : {
        status: 400,
        message: "chat_template is not supported for Mistral tokenizers.",
      };
    },
  });
  const request = {
    ...prompt("say one"),
    tools: [{ name: "weather" }, { name: "alarm" }],
    toolChoice: { name: "alarm" },
  };

  const first = await collect(started.llm, request);
  const second = await collect(started.llm, request);

  deepEqual(
    [first, second].map((parts) => parts.flatMap((part) => "name" in part ? part.name : [])),
    [["alarm"], ["alarm"]],
  );
  equal(started.server.arrivals(), 3);
});

Deno.test("openai tells every session what it was told before, though one asks for what its server blocks", async () => {
  const said = "My maximum context length is 100 tokens.";
  await using started = await start({
    complains: (request) =>
      JSON.stringify(request).includes(said)
        ? { status: 400, message: `Content blocked: '${said}'` }
        : undefined,
  });
  const long = {
    ...prompt(""),
    messages: [
      ...Array.from({ length: 300 }, (_, i) => ({ role: "user", text: `remark ${i}` }) as const),
      { role: "user", text: "say one" } as const,
    ],
  };

  const blocked = { role: "user", text: said } as const;

  await rejects(
    collect(started.llm, { ...long, messages: [...long.messages, blocked] }),
    { failure: "rejected" },
  );
  const asked = started.server.arrivals();
  await collect(started.llm, long);

  equal(asked, 1);
  const [, user] = chats(started.server).at(-1)!["messages"] as { content: string }[];
  equal(user!.content.split("\n").length, 301);
});

Deno.test("openai goes on at a server whose template wants user and assistant to take turns, whatever came before", async () => {
  await using started = await start({ complains: wantsTurns });
  const messages = [
    { role: "assistant", text: "Welcome." },
    { role: "user", text: "Hello." },
    { role: "user", text: "Hello?" },
    { role: "system", text: "The user has moved." },
    { role: "assistant", text: "Yes?" },
    { role: "user", text: "say one" },
  ] as const;

  const turn = await collect(started.llm, { ...prompt(""), messages });
  const greeting = await collect(started.llm, { ...prompt(""), messages: [] });
  const silence = await collect(started.llm, {
    ...prompt(""),
    messages: [...messages.slice(0, 5), { role: "system", text: "The user is silent." }],
  });

  equal(textOf(turn), "One.");
  deepEqual([greeting, silence].map((parts) => parts.at(-1)?.kind), ["end", "end"]);
});

Deno.test("openai leaves old turns out until the prompt has room, and remembers how much there is", async () => {
  await using started = await start({ contextTokens: 2000 });
  const turns = Array.from({ length: 250 }, (_, i) => [
    { role: "user", text: `remark number ${i}` } as const,
    { role: "assistant", text: "I see." } as const,
  ]);
  const long = {
    ...prompt(""),
    messages: [...turns.flat(), { role: "user", text: "say one" } as const],
  };

  equal(textOf(await collect(started.llm, long)), "One.");
  const asked = started.server.arrivals();
  await collect(started.llm, long);

  equal(started.server.arrivals(), asked + 1);
  const messages = chats(started.server).at(-1)!["messages"] as { content: string }[];
  equal(messages[0]!.content, "Be brief.");
  equal(messages.at(-1)!.content, "say one");
});

Deno.test("openai keeps a prompt within what the server says it has room for", async () => {
  await using started = await start({ models: [{ id: "fake-model", max_model_len: 2048 }] });
  const turns = Array.from({ length: 250 }, (_, i) => [
    { role: "user", text: `remark ${i}` } as const,
    { role: "assistant", text: `answer ${i}` } as const,
  ]);

  await collect(started.llm, { ...prompt(""), messages: turns.flat() });

  const [request] = chats(started.server);
  const size = JSON.stringify(request!["messages"]).length;
  equal(started.server.arrivals(), 1);
  equal(size / 4 < 2048 && size / 4 > 500, true, `${size} characters`);
});

Deno.test("openai asks for no longer reply than its server has room for, and keeps the history", async () => {
  const modelLength = 4096;
  const told = [{ id: "fake-model", max_model_len: modelLength }];
  await using knowing = await start({ modelLength, models: told });
  await using learning = await start({ modelLength });
  const turns = Array.from({ length: 40 }, (_, i) => [
    { role: "user", text: `remark ${i}` } as const,
    { role: "assistant", text: `This is an answer of some length, with the number ${i}.` } as const,
  ]);
  const request = {
    ...prompt(""),
    messages: [...turns.flat(), { role: "user", text: "say one" } as const],
    maxOutputTokens: 4096,
  };

  for (const { llm } of [knowing, learning, learning]) {
    equal(textOf(await collect(llm, request)), "One.");
  }

  deepEqual([knowing.server.arrivals(), learning.server.arrivals()], [1, 3]);
  const lengths = [knowing, learning].map(({ server }) =>
    (chats(server).at(-1)!["messages"] as unknown[]).length
  );
  deepEqual(lengths, [82, 82]);
});

Deno.test("openai without a model's name takes the first that the server lists, even one that comes late", async () => {
  const models: { id: string }[] = [];
  await using started = await start({ models }, "");
  await rejects(collect(started.llm, prompt("Hello")), {
    failure: "rejected",
    message: /LLM_MODEL/,
  });

  models.push({ id: "first" }, { id: "second" });
  await collect(started.llm, prompt("Hello"));

  equal(chats(started.server)[0]!["model"], "first");
});

Deno.test("openai asks no model for embeddings to chat, though its server lists one first", async () => {
  const models = [{ id: "text-embedding-nomic-embed-text-v1.5" }, { id: "gemma-3-12b-it" }];
  await using started = await start({ models }, "");

  await collect(started.llm, prompt("Hello"));

  equal(chats(started.server)[0]!["model"], "gemma-3-12b-it");
});

Deno.test("openai names the missing path, and no model, where its base URL has none", async () => {
  await using server = await startFakeOpenAi({ models: MODELS });
  await using llm = await createOpenAiModel(openAiAt(new URL("/", server.url).href));

  await rejects(collect(llm, prompt("Hello")), { failure: "rejected", message: /no path.*\/v1/ });
});

Deno.test("openai sends its key, and a server that needs none gets none that is worth a thing", async () => {
  await using keyed = await startFakeOpenAi({ apiKey: KEY, models: MODELS });
  await using withKey = await createOpenAiModel(openAiAt(keyed.url, { apiKey: KEY }));
  await using keyless = await start();

  await collect(withKey, prompt("Hello"));
  await collect(keyless.llm, prompt("Hello"));

  equal(keyed.requests.at(-1)!.headers.authorization, `Bearer ${KEY}`);
  equal(keyless.server.requests.at(-1)!.headers.authorization, "Bearer none");
});
