import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { startEdgeServer } from "../fakes/edge_server.ts";
import { startFakeOpenAi } from "../fakes/openai_server.ts";
import { startServer } from "./server.ts";
import { answer, transcript } from "./turns.ts";
import { createPerson } from "./user_speech.ts";
import { audioOf, connect } from "./voice_client.ts";

Deno.test("a conversation in Mandarin: heard and answered through OpenAI's API, spoken sentence by sentence in a Mandarin voice of Edge's", async () => {
  await using openai = await startFakeOpenAi({
    models: [{ id: "local-model" }],
    hears: "今天天气怎么样？",
    chunks: ["今天", "天气很好。", "你想去", "公园吗？"].map((content) => ({
      delta: { content },
      finish_reason: null,
    })).concat({ delta: {}, finish_reason: "stop" } as never),
  });
  await using edge = await startEdgeServer();
  await using server = await startServer({
    LANGUAGE: "zh",
    ASR: "openai",
    LLM: "openai",
    TTS: "edge",
    OPENAI_BASE_URL: openai.url,
    EDGE_TTS_URL: edge.url,
  });
  await using person = await createPerson();
  await using client = await connect({
    url: server.realtime(),
    session: {
      audio: {
        input: { transcription: { model: "any" }, turn_detection: { type: "semantic_vad" } },
      },
    },
  });
  client.openMicrophone();

  await client.speak(await person.speech("What nobody here understands."));
  const heard = await transcript(client);
  const { responseId, done, reply } = await answer(client);

  equal(heard, "今天天气怎么样？");
  equal(reply, "今天天气很好。你想去公园吗？");
  equal(done.response.status, "completed");
  deepEqual(edge.asked.map(({ text }) => text), ["今天天气很好。", "你想去公园吗？"]);
  ok(edge.asked.every(({ voice, locale }) => voice.startsWith("zh-CN-") && locale === "zh-CN"));
  ok(audioOf(client, responseId).length > 24_000);
  const upload = openai.requests.find(({ path }) => path === "/v1/audio/transcriptions");
  ok(new TextDecoder().decode(upload!.body).includes('name="language"\r\n\r\nzh'));
  deepEqual(edge.violations, []);
});
