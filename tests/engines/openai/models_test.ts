import { deepStrictEqual as deepEqual, ok } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { probeOpenAi } from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import { type FakeOpenAiOptions, startFakeOpenAi } from "../../fakes/openai_server.ts";
import { openAiAt } from "./endpoint.ts";

const PATIENCE = { connectMs: 30_000, partMs: 30_000 };

/** What the log says of a probe, as `level: message`, with the server's address as HERE. */
async function probe(
  options: FakeOpenAiOptions,
  { model, gone = false, apiKey }: { model?: string; gone?: boolean; apiKey?: string } = {},
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
    await using server = connectOpenAi(openAiAt(fake.url, { apiKey }).remote.openai.llm, PATIENCE);
    await probeOpenAi(server, { kind: "llm", model });
    return records.map(({ level, message }) =>
      `${level}: ${message.join("")}`.replaceAll(server.origin, "HERE")
    );
  } finally {
    await reset();
  }
}

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
