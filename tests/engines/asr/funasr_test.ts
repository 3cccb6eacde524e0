import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, Transcript } from "@/engines/asr/engine.ts";
import { createFunAsr } from "@/engines/asr/funasr.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { testSpeechRecogniser } from "../../contracts/asr_contract.ts";
import { type FunAsrServerOptions, startFunAsrServer } from "../../fakes/funasr_server.ts";
import { tones } from "../../fakes/scripted_synthesiser.ts";
import { marked } from "../speech.ts";

function say(text: string): Float32Array<ArrayBuffer> {
  return tones(`${text}  `, { sampleRate: 16_000, letterMs: 40 });
}

const TEXTS = ["three green apples", "the weather in boston"] as const;

testRemoteEngine("funasr", {
  start: () => startFunAsrServer(),
  create: ({ url }, options) => createFunAsr({ remote: { funasrUrl: url } }, options),
  ask: (asr, which, signal) =>
    asr.transcribe(ReadableStream.from(marked(say(TEXTS[which]))), {
      signal,
      prompt: "the user's word",
    }),
  whole: (transcripts) => transcripts.at(-1)?.text,
  secrets: ["the user's word", TEXTS[0]],
  skip: [{
    test: "says that there is too much to do, and until when",
    reason: "a WebSocket of the platform tells no header of a refusal; below is what can be had",
  }],
});

function at({ url }: { readonly url: string }) {
  return { remote: { funasrUrl: url } };
}

/** An engine with a server of its own, which ends with it. */
async function createWithServer(options?: FunAsrServerOptions): Promise<SpeechRecogniser> {
  const server = await startFunAsrServer(options);
  const asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  return {
    ...asr,
    async [Symbol.asyncDispose]() {
      await asr[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

testSpeechRecogniser("funasr", createWithServer, {
  utterances: [
    { samples: say("good morning"), words: ["good", "morning"] },
    { samples: say("two red apples"), words: ["two", "red", "apples"] },
  ],
  long: { samples: say("all sorts of words ".repeat(40)), words: ["all", "sorts", "of", "words"] },
});

const never = new AbortController().signal;

function pause(ms: number): Float32Array<ArrayBuffer> {
  return new Float32Array(16 * ms);
}

/** Audio that the test sends bit by bit. */
function openMicrophone() {
  let feed: ReadableStreamDefaultController<MarkedFrame>;
  const audio = new ReadableStream<MarkedFrame>({
    start: (controller) => void (feed = controller),
  });
  return {
    audio,
    speak: (text: string) => marked(say(text)).forEach((frame) => feed.enqueue(frame)),
    rest: (ms: number) => marked(pause(ms), "pause").forEach((frame) => feed.enqueue(frame)),
    stop: () => feed.close(),
  };
}

/** Reads up to the first transcript of this kind. */
async function until(
  kind: Transcript["kind"],
  transcripts: AsyncIterator<Transcript>,
): Promise<string> {
  while (true) {
    const { value } = await transcripts.next();
    if (value.kind === kind) return value.text;
  }
}

Deno.test("the server's texts come while the user speaks, and its correction at the end", async () => {
  await using server = await startFunAsrServer({ correct: (words) => `${words}.` });
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { audio, speak, stop } = openMicrophone();
  const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

  speak("good morning to everybody");
  const partial = await until("partial", transcripts);
  stop();
  const final = await until("final", transcripts);

  ok("good morning to everybody".startsWith(partial) && partial.length > 5, partial);
  equal(final, "good morning to everybody.");
});

Deno.test("a server is told what the protocol asks for, and sent 60 ms of PCM at a time", async () => {
  await using server = await startFunAsrServer();
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const audio = ReadableStream.from(marked(say("good morning")));

  await Array.fromAsync(
    asr.transcribe(audio, { signal: never, language: "zh-CN", prompt: "通义实验室, Deno" }),
  );

  deepEqual(server.begun, [{
    mode: "2pass",
    wav_name: "utterance",
    wav_format: "pcm",
    is_speaking: true,
    chunk_size: [5, 10, 5],
    audio_fs: 16_000,
    itn: true,
    hotwords: '{"通义实验室":20,"Deno":20}',
    svs_lang: "zh",
  }]);
  deepEqual([...new Set(server.sizes)], [1920]);
  deepEqual(server.violations, []);
});

Deno.test("in a pause all that was said is corrected, and that is final if nothing follows", async () => {
  await using server = await startFunAsrServer({ correct: (words) => `${words}.` });
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { audio, speak, rest, stop } = openMicrophone();
  const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

  speak("good morning");
  rest(500);
  const eager = await until("eager", transcripts);
  stop();
  const final = await until("final", transcripts);

  deepEqual([eager, final], ["good morning.", "good morning."]);
  equal(server.arrivals(), 1);
});

Deno.test("speech after a pause goes on over the same connection, without the silence between", async () => {
  await using server = await startFunAsrServer({ correct: (words) => `${words},` });
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { audio, speak, rest, stop } = openMicrophone();
  const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

  speak("good morning");
  rest(10_000);
  await until("eager", transcripts);
  speak("everybody");
  stop();
  const final = await until("final", transcripts);

  equal(final, "good morning, everybody,");
  deepEqual([server.connections(), server.arrivals()], [1, 2]);
  const seconds = server.sizes.reduce((sum, bytes) => sum + bytes, 0) / 32_000;
  ok(seconds < 3, `${seconds} s were sent`);
  deepEqual(server.violations, []);
});

Deno.test("a short pause does not divide a sentence", async () => {
  await using server = await startFunAsrServer();
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { audio, speak, rest, stop } = openMicrophone();

  speak("go");
  rest(160);
  speak("morning");
  stop();
  const transcripts = await Array.fromAsync(asr.transcribe(audio, { signal: never }));

  equal(transcripts.at(-1)!.text, "go morning");
  equal(server.arrivals(), 1);
});

Deno.test("a server that hangs up in a pause is asked anew when speech goes on", async () => {
  await using server = await startFunAsrServer({ correct: (words) => `${words}.` });
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const { audio, speak, rest, stop } = openMicrophone();
  const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

  speak("good morning");
  rest(500);
  await until("eager", transcripts);
  server.hangUp();
  await server.idle();
  speak("everybody");
  stop();
  const final = await until("final", transcripts);

  equal(final, "good morning. everybody.");
  equal(server.connections(), 2);
});

Deno.test("every utterance has a connection of its own, and silence has none", async () => {
  await using server = await startFunAsrServer();
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  const hear = (samples: Float32Array<ArrayBuffer>, mark?: "pause") =>
    Array.fromAsync(asr.transcribe(ReadableStream.from(marked(samples, mark)), { signal: never }));

  await hear(pause(3000), "pause");
  equal(server.connections(), 0);
  await Promise.all([hear(say("good morning")), hear(say("everybody"))]);

  equal(server.connections(), 2);
});

for (const dialect of ["acknowledging", "speaking"] as const) {
  Deno.test(`a server of the ${dialect} sort is understood, pauses and all`, async () => {
    await using server = await startFunAsrServer({ dialect, correct: (words) => `${words}.` });
    await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
    const { audio, speak, rest, stop } = openMicrophone();
    const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

    speak("good morning everybody");
    rest(500);
    const eager = await until("eager", transcripts);
    speak("and good night");
    stop();
    const final = await until("final", transcripts);

    equal(eager, "good morning everybody.");
    equal(final, "good morning everybody. and good night.");
  });
}

Deno.test("a server with too much to do is told from one that is gone", async () => {
  await using server = await startFunAsrServer();
  await using asr = await createFunAsr({ remote: { funasrUrl: server.url } });
  server.fault = { kind: "refusal", status: 429 };

  const heard = Array.fromAsync(
    asr.transcribe(ReadableStream.from(marked(say("good morning"))), { signal: never }),
  );

  await rejects(heard, { name: "EngineError", failure: "overloaded" });
});

/** What the audio of a failover's probe is: silence that is marked as speech. */
const HUSH = pause(1000);

/** A sound without words, as a cough is: the fake hears one letter, of which no word is made. */
const COUGH = say("x");

function wordless(letters: string): string {
  return letters === "x" ? "" : letters;
}

async function finalText(
  asr: SpeechRecogniser,
  samples: Float32Array<ArrayBuffer>,
): Promise<string> {
  const audio = ReadableStream.from(marked(samples));
  return (await Array.fromAsync(asr.transcribe(audio, { signal: never }))).at(-1)!.text;
}

for (const dialect of ["documented", "acknowledging", "speaking"] as const) {
  Deno.test(`silence that is taken for speech has no text, to a server of the ${dialect} sort`, async () => {
    await using server = await startFunAsrServer({ dialect });
    await using asr = await createFunAsr(at(server));

    const text = await finalText(asr, HUSH);

    equal(text, "");
    equal(server.arrivals(), 1);
  });

  Deno.test(`a cough has no text, to a server of the ${dialect} sort`, async () => {
    await using server = await startFunAsrServer({ dialect, correct: wordless });
    await using asr = await createFunAsr(at(server));
    await finalText(asr, say("good morning everybody"));

    const text = await finalText(asr, COUGH);

    equal(text, "");
  });
}

Deno.test("a server with SenseVoice is heard without its tags, and silence has no text", async () => {
  const tagged = (letters: string) =>
    letters === ""
      ? "<|nospeech|><|EMO_UNKNOWN|><|Event_UNK|> "
      : `<|en|><|NEUTRAL|><|Speech|> ${letters}`;
  await using server = await startFunAsrServer({ correct: tagged });
  await using asr = await createFunAsr(at(server));

  const texts = [await finalText(asr, say("good morning")), await finalText(asr, HUSH)];

  deepEqual(texts, ["good morning", ""]);
});

Deno.test("a server that ends its rounds and then ends none is given up, whatever it was sent", async () => {
  await using server = await startFunAsrServer();
  await using asr = await createFunAsr(at(server), { patienceMs: 1500 });
  await finalText(asr, say("good morning"));
  server.fault = { kind: "silence" };

  const heard = await Promise.allSettled([HUSH, COUGH].map((samples) => finalText(asr, samples)));

  for (const { reason } of heard as PromiseRejectedResult[]) equal(reason.failure, "timeout");
});

Deno.test("a server that hangs in a later round is given up, not taken for one that has said all", async () => {
  await using server = await startFunAsrServer({ hangsAt: "go" });
  await using asr = await createFunAsr(at(server), { patienceMs: 1500 });
  const { audio, speak, rest, stop } = openMicrophone();
  const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();

  speak("good morning");
  rest(500);
  await until("eager", transcripts);
  speak("go");
  stop();

  await rejects(until("final", transcripts), { name: "EngineError", failure: "timeout" });
});

Deno.test("a server that comes up late, and says nothing to silence, passes a probe", async () => {
  const gone = await startFunAsrServer({ dialect: "speaking" });
  await gone[Symbol.asyncDispose]();
  await using asr = await createFunAsr(at(gone));
  await rejects(finalText(asr, say("good morning")), { failure: "unavailable" });
  const port = Number(new URL(gone.url).port);

  await using _server = await startFunAsrServer({ dialect: "speaking", port });

  equal(await finalText(asr, HUSH), "");
  equal(await finalText(asr, say("good morning")), "good morning");
});
