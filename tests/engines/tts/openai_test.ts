import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { createOpenAiSynthesiser } from "@/engines/tts/openai.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";
import {
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from "../../fakes/openai_server.ts";
import { openAiAt } from "../openai/endpoint.ts";

const KEY = "sk-secret-of-the-operator";
const TEXTS = ["A glass of pineapple juice.", "Mind the zebra crossing, please."] as const;
const OWN_VOICES = ["af_heart", "zf_xiaobei"];

const { signal } = new AbortController();

/** A synthesiser at a server of its own, which both end with the test. */
async function start(
  options: FakeOpenAiOptions = {},
  voice?: string,
): Promise<AsyncDisposable & { tts: SpeechSynthesiser; server: FakeOpenAi }> {
  const server = await startFakeOpenAi(options);
  const tts = await createOpenAiSynthesiser({ ...openAiAt(server.url), voice });
  return {
    tts,
    server,
    async [Symbol.asyncDispose]() {
      await tts[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const SERVERS = { "OpenAI's voices": {}, "voices of its own": { voices: OWN_VOICES } };
for (const [name, options] of Object.entries(SERVERS)) {
  testSpeechSynthesiser(`openai with ${name}`, async () => {
    const started = await start(options);
    return { ...started.tts, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
  });
}

testRemoteEngine("tts openai", {
  start: () => startFakeOpenAi({ apiKey: KEY }),
  create: ({ url }, { patienceMs }) =>
    createOpenAiSynthesiser({ ...openAiAt(url, { apiKey: KEY }), voice: undefined }, {
      patience: { connectMs: patienceMs, partMs: patienceMs },
    }),
  ask: (tts, which, signal) => tts.synthesize(TEXTS[which], { signal }),
  whole: (pieces: readonly Speech[]) => pieces.flatMap(({ samples }) => [...samples]),
  secrets: [KEY, "pineapple"],
});

/** Bodies of the requests for speech so far. */
function asked({ requests }: FakeOpenAi): Record<string, unknown>[] {
  return requests
    .filter(({ path }) => path === "/v1/audio/speech")
    .map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
}

Deno.test("openai asks for raw samples, and for a speed only where it is not the natural one", async () => {
  await using started = await start();

  await Array.fromAsync(started.tts.synthesize("One,\n two.", { signal, voice: "nova" }));
  await Array.fromAsync(started.tts.synthesize("Three.", { signal, speed: 9 }));

  deepEqual(asked(started.server), [
    { model: "tts-1", input: "One, two.", voice: "nova", response_format: "pcm" },
    { model: "tts-1", input: "Three.", voice: "alloy", response_format: "pcm", speed: 4 },
  ]);
});

Deno.test("openai speaks while the server is still speaking", async () => {
  await using started = await start();
  started.server.fault = { kind: "stall" };
  const speech = started.tts.synthesize("A sentence of some length.", { signal })
    [Symbol.asyncIterator]();

  const { value } = await speech.next();

  deepEqual([value.sampleRate, value.samples.length > 0], [24_000, true]);
  await speech.return?.();
});

Deno.test("openai cuts a text that is longer than the API takes", async () => {
  await using started = await start();

  await Array.fromAsync(started.tts.synthesize("This is a sentence. ".repeat(250), { signal }));

  const lengths = asked(started.server).map(({ input }) => String(input).length);
  equal(lengths.length, 2);
  ok(Math.max(...lengths) <= 4096);
});

Deno.test("openai speaks with the operator's voice, or with its own where the server refuses that", async () => {
  const voices = async (voice: string) => {
    await using started = await start({}, voice);
    for (const name of [undefined, "nova", "slt", "slt"]) {
      const options = name === undefined ? {} : { voice: name };
      await Array.fromAsync(started.tts.synthesize("Hello.", { signal, ...options }));
    }
    return [started.tts.voices[0], ...asked(started.server).map((request) => request["voice"])];
  };

  deepEqual(await voices("shimmer"), ["shimmer", "shimmer", "nova", "slt", "shimmer", "shimmer"]);
  deepEqual(await voices("awb"), ["awb", "awb", "alloy", "nova", "slt", "alloy", "alloy"]);
});

Deno.test("openai has the voices that the server lists, and asks for no other", async () => {
  await using started = await start({ voices: OWN_VOICES }, "zf_xiaobei");

  await Array.fromAsync(started.tts.synthesize("Hello.", { signal, voice: "alloy" }));

  deepEqual(started.tts.voices, ["zf_xiaobei", "af_heart"]);
  deepEqual(asked(started.server).map((request) => request["voice"]), ["zf_xiaobei"]);
});
