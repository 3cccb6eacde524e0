import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { TurnDetection } from "@/conversation/settings.ts";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { createFunAsr } from "@/engines/asr/funasr.ts";
import { startFunAsrServer } from "../fakes/funasr_server.ts";
import { createFastEngines } from "../fakes/fast_engines.ts";
import { openTalk } from "./talk.ts";

const SPOKEN = ["现在三点，", "外面很冷。", "你要出门吗？"];

async function* reply(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: "现在三点，外面很冷。你要出" };
  yield { kind: "text", text: "门吗？" };
  yield { kind: "end", reason: "stop" };
}

/** Says something that the server takes for `text`, pauses for 300 ms, and awaits what the server makes of it. */
async function saidInMandarin(text: string) {
  const server = await startFunAsrServer({ correct: () => text });
  const asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { engines, prompts, tts } = createFastEngines({ reply });
  const talk = await openTalk({
    engines: { ...engines, asr },
    language: "zh",
    settings: ({ audio }) => {
      audio.input.turn_detection = TurnDetection.parse({ type: "semantic_vad" });
    },
  });
  await talk.say("weather");
  await talk.silence(300);
  await talk.client.until("partialTranscript");
  return {
    ...talk,
    prompts,
    tts,
    begun: server.begun,
    async [Symbol.asyncDispose]() {
      await talk[Symbol.asyncDispose]();
      await asr[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

for (const text of ["今天天气很好。", "今天天气怎么样？", "太好了！"]) {
  Deno.test(`a turn in Mandarin ends early behind "${text.at(-1)}"`, async () => {
    await using talk = await saidInMandarin(text);
    const { client, begun } = talk;

    await talk.silence(60);

    equal(client.of("committed").length, 1);
    await client.until("response.end");
    deepEqual(client.of("transcribed").map(([, transcript]) => transcript), [text]);
    deepEqual(talk.prompts.at(-1)!.messages, [{ role: "user", text }]);
    deepEqual(talk.tts.calls.map((call) => call.text), SPOKEN);
    equal(begun[0]!.svs_lang, "zh");
  });
}

Deno.test('a turn in Mandarin waits behind "，"', async () => {
  await using talk = await saidInMandarin("我想问一下，");
  const { client } = talk;

  await talk.silence(2000);
  const early = client.of("committed").length;
  await talk.silence(2000);

  equal(early, 0);
  equal(client.of("committed").length, 1);
});
