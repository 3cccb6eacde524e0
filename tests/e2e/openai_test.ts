import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { startFakeOpenAi } from "../fakes/openai_server.ts";
import { startServer } from "./server.ts";
import { answer, transcript } from "./turns.ts";
import { createPerson } from "./user_speech.ts";
import { audioOf, connect } from "./voice_client.ts";

const KEY = "sk-secret-of-the-operator";

Deno.test("a spoken turn goes through a server that speaks OpenAI's API: heard, answered and voiced there", async () => {
  await using fake = await startFakeOpenAi({
    apiKey: KEY,
    models: [{ id: "local-model" }, { id: "whisper-1" }, { id: "tts-1" }],
    hears: "Say the words pineapple juice.",
  });
  const env = { OPENAI_BASE_URL: fake.url, OPENAI_API_KEY: KEY };
  await using server = await startServer(env);
  await using person = await createPerson();
  await using client = await connect({
    url: server.realtime(),
    session: { audio: { input: { transcription: { model: "any" } } } },
  });
  client.openMicrophone();

  await client.speak(await person.speech("This is what nobody will understand."));
  const heard = await transcript(client);
  const { responseId, done, reply } = await answer(client);

  equal(heard, "Say the words pineapple juice.");
  match(reply, /pineapple juice/i);
  ok(audioOf(client, responseId).length > 24_000);
  equal(done.response.status, "completed");
  equal(done.response.usage.input_token_details.cached_tokens > 0, true);
  deepEqual(
    new Set(fake.requests.map(({ path }) => path)),
    new Set([
      "/v1/models",
      "/v1/audio/voices",
      "/v1/audio/transcriptions",
      "/v1/chat/completions",
      "/v1/audio/speech",
    ]),
  );
  match(server.log(), /chatai\.llm: openai at http:\S+ answers, and is asked for local-model/);
  deepEqual([KEY, "pineapple"].filter((secret) => server.log().includes(secret)), []);
});
