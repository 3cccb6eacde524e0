import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import OpenAI from "openai";
import { modelsRoutes } from "@/server/models_routes.ts";
import { createOpenAI, createTestApp } from "./test_app.ts";

const engines = { vad: ["silero"], asr: ["openai", "moonshine"], llm: ["openai"], tts: ["flite"] };
const client = createOpenAI(createTestApp({ routes: modelsRoutes({ engines, now: () => 5999 }) }));

Deno.test("openai.models.list() yields the whole and every engine, once each", async () => {
  const models = await Array.fromAsync(client.models.list());

  deepEqual(models.map(({ id }) => id), ["chatai", "silero", "openai", "moonshine", "flite"]);
  deepEqual(models[0], { id: "chatai", object: "model", created: 5, owned_by: "chatai" });
});

Deno.test("openai.models.retrieve() tells of an engine that runs", async () => {
  equal((await client.models.retrieve("moonshine")).id, "moonshine");
});

for (const id of ["gpt-5", "whisper", "../health", "moonshine "]) {
  Deno.test(`openai.models.retrieve() of "${id}", which does not run, is a 404 that names the parameter`, async () => {
    await rejects(
      client.models.retrieve(id),
      (error) =>
        error instanceof OpenAI.NotFoundError && error.code === "model_not_found" &&
        error.param === "model",
    );
  });
}
