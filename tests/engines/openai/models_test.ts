import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { findModel, probeOpenAi } from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import { type FakeOpenAiOptions, startFakeOpenAi } from "../../fakes/openai_server.ts";
import { openAiAt } from "./endpoint.ts";

const PATIENCE = { connectMs: 30_000, partMs: 30_000 };

/** What the log says of a probe, as `level: message`, with the server's address as HERE. */
async function probe(
  options: FakeOpenAiOptions,
  { model, gone = false, apiKey, path = "/v1" }: {
    model?: string;
    gone?: boolean;
    apiKey?: string;
    path?: string;
  } = {},
): Promise<string[]> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void records.push(record) },
    loggers: [
      { category: "chatai", sinks: ["memory"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    await using fake = await startFakeOpenAi(options);
    if (gone) await fake[Symbol.asyncDispose]();
    const { remote } = openAiAt(new URL(path, fake.url).href, { apiKey });
    await using server = connectOpenAi(remote.openai.llm, PATIENCE);
    await probeOpenAi(server, { kind: "llm", model });
    return records.map(({ level, message }) =>
      `${level}: ${message.join("")}`.replaceAll(server.origin, "HERE")
    );
  } finally {
    await reset();
  }
}

Deno.test("without a name the first model is taken that may chat, and where none may, the first", () => {
  const others = [
    "text-embedding-nomic-embed-text-v1.5",
    "mxbai-embed-large:latest",
    "BAAI/bge-m3",
    "all-minilm:33m",
    "intfloat/multilingual-e5-large",
    "Qwen3-Reranker-0.6B",
    "whisper-1",
    "gpt-4o-mini-transcribe",
    "tts-1",
    "hexgrad/Kokoro-82M",
    "dall-e-3",
    "black-forest-labs/FLUX.1-dev",
    "gpt-image-1",
    "omni-moderation-latest",
  ];
  const chatting = ["gemma-3-12b-it", "qwen3:8b", "Meta-Llama-3.1-8B", "ministral-8b", "phi4"];
  const list = (ids: readonly string[]) => ids.map((id) => ({ id }));

  const found = chatting.map((id) => findModel(list([...others, id, "last"]), undefined)?.id);

  deepEqual(found, chatting);
  equal(findModel(list(others), undefined)?.id, others[0]);
  equal(findModel(list([...chatting, "tts-1"]), "tts-1")?.id, "tts-1");
});

Deno.test("the probe of a server that answers says which model will be asked for", async () => {
  const models = [{ id: "small" }, { id: "large" }];

  const log = [...await probe({ models }), ...await probe({ models }, { model: "large" })];

  deepEqual(log, [
    "info: openai at HERE answers, and is asked for small",
    "info: openai at HERE answers, and is asked for large",
  ]);
});

Deno.test("the probe warns of a model that the server does not have", async () => {
  const models = ["a", "b", "c", "d", "e", "f"].map((id) => ({ id }));

  deepEqual(await probe({ models }, { model: "gpt-9" }), [
    "warning: openai at HERE answers, but does not list gpt-9. It has a, b, c, d, e",
  ]);
});

Deno.test("the probe warns of a model that will be shut down", async () => {
  const models = [{ id: "old", shutdown_date: "2027-01-06T00:00:00Z" }, { id: "new" }];

  deepEqual(await probe({ models }, { model: "old" }), [
    "info: openai at HERE answers, and is asked for old",
    "warning: openai at HERE serves old only until 2027-01-06",
  ]);
});

Deno.test("the probe is content with a server that has no list of models", async () => {
  deepEqual(await probe({}), ["info: openai at HERE answers, and is asked for what it has"]);
});

Deno.test("the probe names the missing /v1 where a base URL has no path and no models are there", async () => {
  const models = [{ id: "small" }];

  const none = await probe({ models }, { path: "/" });
  const lmStudio = await probe({ models, answersAll: true }, { path: "/" });
  const other = await probe({ models }, { path: "/other" });

  const warning =
    "warning: openai at HERE lists no models, and its base URL has no path: is it HERE/v1?";
  deepEqual([none, lmStudio.at(-1), other], [
    [warning],
    warning,
    ["info: openai at HERE answers, and is asked for what it has"],
  ]);
});

Deno.test("the probe warns of a server that is down, or refuses the key", async () => {
  const [down = ""] = await probe({}, { gone: true });
  const refused = await probe({ apiKey: "right", models: [] }, { apiKey: "wrong" });

  ok(
    /^warning: openai at HERE does not answer yet: .* cannot be reached: Connection refused/.test(
      down,
    ),
    down,
  );
  deepEqual(refused, [
    "warning: openai at HERE does not answer yet: openai at HERE answered 401 " +
    "(invalid_api_key, invalid_request_error)",
  ]);
});
