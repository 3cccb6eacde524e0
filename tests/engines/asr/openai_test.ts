import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, Transcript } from "@/engines/asr/engine.ts";
import { createOpenAiRecogniser } from "@/engines/asr/openai.ts";
import { testSpeechRecogniser } from "../../contracts/asr_contract.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { sayInCode } from "../../fakes/coded_speech.ts";
import { markedFrames } from "../../fakes/marked_frames.ts";
import {
  type FakeOpenAi,
  type FakeOpenAiOptions,
  startFakeOpenAi,
} from "../../fakes/openai_server.ts";
import { openAiAt } from "../openai/endpoint.ts";
import { marked, words } from "../speech.ts";

const KEY = "sk-secret-of-the-operator";
const SAID = ["the weather is cold and windy", "please take a next train to boston"] as const;
const STORY = Array.from({ length: 120 }, (_, i) => `word${i}`).join(" ");
const VLLM_MODEL = "CohereLabs/cohere-transcribe-03-2026";
const MODELS = ["whisper-1", "gpt-transcribe", VLLM_MODEL];

const { signal } = new AbortController();

/** A recogniser at a server of its own, which both end with the test. */
async function start(
  options: FakeOpenAiOptions = {},
  model?: string,
): Promise<AsyncDisposable & { asr: SpeechRecogniser; server: FakeOpenAi }> {
  const server = await startFakeOpenAi(options);
  const asr = await createOpenAiRecogniser(
    openAiAt(server.url, model === undefined ? {} : { model }),
  );
  return {
    asr,
    server,
    async [Symbol.asyncDispose]() {
      await asr[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

for (const model of MODELS) {
  testSpeechRecogniser(
    `openai with ${model}`,
    async () => {
      const started = await start({}, model);
      return { ...started.asr, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
    },
    {
      utterances: [
        { samples: sayInCode(SAID[0]), words: words(SAID[0]) },
        { samples: sayInCode(SAID[1]), words: words(SAID[1]) },
      ],
      long: { samples: sayInCode(STORY), words: words(STORY) },
    },
  );

  testRemoteEngine(`asr openai with ${model}`, {
    start: () => startFakeOpenAi({ apiKey: KEY }),
    create: ({ url }, { patienceMs }) =>
      createOpenAiRecogniser(openAiAt(url, { apiKey: KEY, model }), {
        patience: { connectMs: patienceMs, partMs: patienceMs },
      }),
    ask: (asr, which, signal) =>
      asr.transcribe(ReadableStream.from(marked(sayInCode(SAID[which]))), {
        signal,
        prompt: "pineapple",
      }),
    whole: (transcripts: readonly Transcript[]) => transcripts.at(-1)?.text,
    secrets: [KEY, "pineapple"],
    skip: model === "whisper-1"
      ? [{
        test: "closes the connection when its reader stops",
        reason: "there is nothing to read before the answer is whole",
      }]
      : [],
  });
}

/** The fields of the uploads so far, the files by their sizes. */
async function uploads({ requests }: FakeOpenAi): Promise<Record<string, unknown>[]> {
  return await Promise.all(
    requests.filter(({ path }) => path === "/v1/audio/transcriptions").map(async (request) => {
      const headers = { "content-type": request.headers["content-type"] ?? "" };
      const form = await new Response(request.body, { headers }).formData();
      return Object.fromEntries(
        [...form].map(([name, value]) => [name, value instanceof File ? value.type : value]),
      );
    }),
  );
}

async function hear(
  asr: SpeechRecogniser,
  frames: readonly MarkedFrame[] | AsyncIterable<MarkedFrame>,
  options: { readonly language?: string; readonly prompt?: string } = {},
): Promise<Transcript[]> {
  const audio = ReadableStream.from(frames);
  return await Array.fromAsync(asr.transcribe(audio, { signal, ...options }));
}

Deno.test("openai uploads a WAV file with the language and the words to expect", async () => {
  await using started = await start();

  await hear(started.asr, marked(sayInCode("hello")), { language: "zh-Hans-CN", prompt: "Li Wei" });

  deepEqual(await uploads(started.server), [{
    file: "audio/wav",
    model: "whisper-1",
    response_format: "json",
    language: "zh",
    prompt: "Li Wei",
  }]);
});

Deno.test("openai names the language as the newest model wants it, and has the text streamed", async () => {
  await using started = await start({}, "gpt-transcribe");

  await hear(started.asr, marked(sayInCode("hello")), { language: "en" });

  deepEqual(await uploads(started.server), [{
    file: "audio/wav",
    model: "gpt-transcribe",
    response_format: "json",
    "languages[]": "en",
    stream: "true",
  }]);
});

Deno.test("openai shows a streamed text as it grows", async () => {
  await using started = await start({}, "gpt-4o-transcribe");
  started.server.fault = { kind: "stall" };
  const audio = ReadableStream.from(marked(sayInCode("hello there")));
  const transcripts = started.asr.transcribe(audio, { signal })[Symbol.asyncIterator]();

  const first = await transcripts.next();

  deepEqual(first, { done: false, value: { kind: "partial", text: "hello" } });
  await transcripts.return?.();
});

Deno.test("openai shows a text that vLLM streams as it grows, and takes it whole", async () => {
  await using started = await start({}, VLLM_MODEL);

  const transcripts = await hear(started.asr, marked(sayInCode("hello there")));

  deepEqual(transcripts[0], { kind: "partial", text: "hello" });
  deepEqual(transcripts.at(-1), { kind: "final", text: "hello there" });
});

Deno.test("openai takes a text that comes whole from a server that was asked to stream, and does not", async () => {
  await using started = await start({}, "local-transcribe");

  const transcripts = await hear(started.asr, marked(sayInCode("hello there")));

  deepEqual(transcripts.at(-1), { kind: "final", text: "hello there" });
  deepEqual((await uploads(started.server)).map(({ stream }) => stream), ["true"]);
});

Deno.test("openai gives up a server that stalls in a text that was to be streamed, and is not", async () => {
  await using server = await startFakeOpenAi();
  await using asr = await createOpenAiRecogniser(
    openAiAt(server.url, { model: "local-transcribe" }),
    {
      patience: { connectMs: 5000, partMs: 200 },
    },
  );
  server.fault = { kind: "stall" };

  const heard = hear(asr, marked(sayInCode("hello there")));

  await rejects(heard, { name: "EngineError", failure: "timeout" });
});

Deno.test("openai is asked once for each pause, and not while the user speaks", async () => {
  await using started = await start({ hears: "so I said" });
  async function* spoken(): AsyncGenerator<MarkedFrame> {
    for (const frame of markedFrames(`${"#".repeat(100)}......`)) { // over 3 s of speech
      await new Promise((resolve) => setTimeout(resolve));
      yield frame;
    }
  }

  const transcripts = await hear(started.asr, spoken());

  deepEqual(transcripts.at(-1), { kind: "final", text: "so I said" });
  equal(started.server.arrivals(), 1);
});

Deno.test("openai trims what whisper.cpp puts around its text", async () => {
  await using started = await start({ hears: " hello there.\n" });

  const transcripts = await hear(started.asr, marked(sayInCode("x")));

  deepEqual(transcripts.at(-1), { kind: "final", text: "hello there." });
});

Deno.test("openai makes one line of whisper.cpp's segments, and takes no note of a sound for words", async () => {
  for (
    const [hears, said] of [[" hello there.\n How are you?\n", "hello there. How are you?"], [
      " [BLANK_AUDIO]\n",
      "",
    ]]
  ) {
    await using started = await start({ hears: hears! });

    const transcripts = await hear(started.asr, marked(sayInCode("x")));

    deepEqual(transcripts.at(-1), { kind: "final", text: said });
  }
});

Deno.test("openai sends one request after another over one connection", async () => {
  await using started = await start();

  await hear(started.asr, marked(sayInCode("hello")));
  await hear(started.asr, marked(sayInCode("there")));

  equal(new Set(started.server.requests.map(({ port }) => port)).size, 1);
});
