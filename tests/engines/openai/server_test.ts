import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { listModels } from "@/engines/openai/models.ts";
import { connectOpenAi } from "@/engines/openai/server.ts";
import { startFakeOpenAi } from "../../fakes/openai_server.ts";
import { openAiAt } from "./endpoint.ts";

const PATIENCE = { connectMs: 30_000, partMs: 30_000 };
const { signal } = new AbortController();

Deno.test("a server's own path is kept, with or without a slash at its end", async () => {
  await using fake = await startFakeOpenAi({ models: [{ id: "m" }] });

  for (const url of [fake.url, `${fake.url}/`]) {
    await using server = connectOpenAi(openAiAt(url).remote.openai.llm, PATIENCE);
    deepEqual((await listModels(server, { signal })).map(({ id }) => id), ["m"]);
  }
});

Deno.test("without a base URL the server is OpenAI's own, whatever the environment says", () => {
  const server = connectOpenAi(openAiAt(undefined, { apiKey: "k" }).remote.openai.llm, PATIENCE);

  deepEqual([server.official, server.origin], [true, "https://api.openai.com"]);
  deepEqual([server.client.organization, server.client.maxRetries], [null, 0]);
});

Deno.test("user and password of a base URL are shown as a proxy before the server wants them, in place of the key", async () => {
  await using fake = await startFakeOpenAi({ models: [{ id: "m" }] });
  const url = fake.url.replace("//", "//ann:b%40d@");
  await using server = connectOpenAi(openAiAt(url, { apiKey: "k" }).remote.openai.llm, PATIENCE);

  await listModels(server, { signal });

  const [{ headers, path }] = fake.requests as [typeof fake.requests[number]];
  deepEqual([headers["authorization"], path], [`Basic ${btoa("ann:b@d")}`, "/v1/models"]);
  equal(server.origin.includes("ann"), false);
});

Deno.test("disposing of a server ends the answers that are under way, and closes their connections", async () => {
  await using fake = await startFakeOpenAi();
  fake.fault = { kind: "silence" };
  const server = connectOpenAi(openAiAt(fake.url).remote.openai.llm, PATIENCE);
  const ended = rejects(
    Array.fromAsync(server.answer((own) =>
      server.client.chat.completions.create(
        { model: "m", messages: [{ role: "user", content: "Hello" }], stream: true },
        { signal: own },
      ), { signal })),
    { name: "AbortError" },
  );
  const arrival = await fake.nextArrival();

  await server[Symbol.asyncDispose]();

  await ended;
  await arrival.closed;
  equal(fake.arrivals(), 1);
});
