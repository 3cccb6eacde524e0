import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { EngineError } from "@/errors.ts";
import type { SpokenPart } from "@/pipeline/sentence_stream.ts";
import {
  type SpeechChunk,
  type SpeechPart,
  type SynthesisProgress,
  synthesize,
} from "@/pipeline/synthesize.ts";
import { ScriptedSynthesiser, spokenText } from "../fakes/scripted_synthesiser.ts";

const END = { kind: "end", reason: "stop" } as const;
const CALL = { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" } as const;
const live = new AbortController().signal;

function sentence(index: number, text: string): SpokenPart {
  return { kind: "sentence", sentence: { index, text } };
}

function speechOf(parts: readonly SpeechPart[]): SpeechChunk[] {
  return parts.filter((part) => part.kind === "speech");
}

function joined(chunks: readonly SpeechChunk[]): Float32Array {
  return Float32Array.from(chunks.flatMap(({ samples }) => [...samples]));
}

function speak(
  tts: SpeechSynthesiser,
  parts: readonly SpokenPart[],
  { sampleRate = 16_000, signal = live } = {},
): Promise<SpeechPart[]> {
  return Array.fromAsync(
    ReadableStream.from(parts).pipeThrough(synthesize(tts, { signal, sampleRate })),
  );
}

function engine(pieces: () => AsyncIterable<Speech>): SpeechSynthesiser {
  return {
    name: "fake",
    voices: ["one"],
    synthesize: pieces,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("every sentence is spoken whole and in order, calls and the end in their places", async () => {
  const parts = [sentence(0, "hello there "), CALL, sentence(1, "good bye"), END];

  const spoken = await speak(new ScriptedSynthesiser(), parts);

  const kinds = spoken.map(({ kind }) => kind).join(" ");
  ok(/^(speech )+toolCall (speech )+end$/.test(kinds), kinds);
  for (const [index, text] of ["hello there", "good bye"].entries()) {
    const own = speechOf(spoken).filter((chunk) => chunk.sentence.index === index);
    equal(spokenText(joined(own)), text);
    deepEqual(own.map(({ last }) => last), own.map((_, i) => i === own.length - 1));
  }
});

Deno.test("chunks are at most 200 ms long, and the first audio of a response 100 ms", async () => {
  const parts = [sentence(0, "a sentence of some length"), sentence(1, "and another one")];

  const spoken = speechOf(await speak(new ScriptedSynthesiser(), parts));

  equal(spoken[0]!.samples.length, 1600);
  ok(spoken.every(({ samples }) => samples.length <= 3200));
  ok(spoken.some(({ samples }) => samples.length === 3200));
});

Deno.test("speech has the rate that was asked for, and keeps its length", async () => {
  for (const sampleRate of [8000, 24_000, 48_000]) {
    const text = "one two three";

    const spoken = speechOf(
      await speak(new ScriptedSynthesiser({ letterMs: 60 }), [sentence(0, text)], { sampleRate }),
    );

    const all = joined(spoken);
    equal(all.length, text.length * 60 * sampleRate / 1000);
    equal(spokenText(all, { sampleRate, letterMs: 60 }), text);
  }
});

Deno.test("however the engine cuts its audio, the speech is the same", async () => {
  const whole = joined(
    speechOf(
      await speak(new ScriptedSynthesiser(), [sentence(0, "abc def")], { sampleRate: 24_000 }),
    ),
  );

  for (const pieceMs of [7, 50, 333]) {
    const tts = new ScriptedSynthesiser({ pieceMs });
    const cut = joined(
      speechOf(await speak(tts, [sentence(0, "abc def")], { sampleRate: 24_000 })),
    );

    deepEqual(cut, whole);
  }
});

Deno.test("audio is passed on as soon as the engine has made it", async () => {
  const more = Promise.withResolvers<void>();
  const tts = engine(async function* () {
    yield { samples: new Float32Array(800), sampleRate: 16_000 };
    await more.promise;
    yield { samples: new Float32Array(800), sampleRate: 16_000 };
  });
  const reader = ReadableStream.from([sentence(0, "Hello")])
    .pipeThrough(synthesize(tts, { signal: live, sampleRate: 16_000 })).getReader();

  const { value } = await reader.read();

  equal(value?.kind === "speech" && value.samples.length, 800);
  more.resolve();
  await reader.cancel();
});

Deno.test("a sentence with nothing to speak is one empty chunk, and the engine is not asked", async () => {
  const tts = new ScriptedSynthesiser();

  const spoken = await speak(tts, [sentence(0, "😀 \n"), sentence(1, "words here")]);

  const [first, second] = speechOf(spoken);
  deepEqual(first, {
    kind: "speech",
    samples: new Float32Array(),
    sentence: { index: 0, text: "😀 \n" },
    last: true,
  });
  equal(second!.samples.length, 1600); // still the response's first audio
  deepEqual(tts.calls.map(({ text }) => text), ["words here"]);
});

Deno.test("a sentence of which the engine makes nothing still ends", async () => {
  const tts = engine(async function* () {});

  const spoken = await speak(tts, [sentence(0, "Hm")]);

  deepEqual(speechOf(spoken).map(({ samples, last }) => [samples.length, last]), [[0, true]]);
});

Deno.test("word timings are told at the rate of the chunks", async () => {
  const tts = engine(async function* () {
    yield {
      samples: new Float32Array(16_000),
      sampleRate: 16_000,
      words: [{ word: "Hello", startSample: 160 }, { word: "there", startSample: 8000 }],
    };
  });

  const spoken = speechOf(await speak(tts, [sentence(0, "Hello there")], { sampleRate: 8000 }));

  deepEqual(spoken.flatMap(({ words }) => words ?? []), [
    { word: "Hello", startSample: 80 },
    { word: "there", startSample: 4000 },
  ]);
});

Deno.test("no word timing is lost where a piece is too short to make a sample", async () => {
  const tts = engine(async function* () {
    for (const [index, word] of ["a", "b", "c"].entries()) {
      yield {
        samples: new Float32Array(4),
        sampleRate: 16_000,
        words: [{ word, startSample: 4 * index }],
      };
    }
  });

  const spoken = speechOf(await speak(tts, [sentence(0, "a b c")], { sampleRate: 8000 }));

  deepEqual(spoken.flatMap(({ words }) => words ?? []).map(({ word }) => word), ["a", "b", "c"]);
});

Deno.test("the engine is told the voice, the speed and the language, and hears words instead of marks", async () => {
  const tts = new ScriptedSynthesiser();
  const options = { signal: live, voice: "other", speed: 1.5, language: "en" };

  await Array.fromAsync(
    ReadableStream.from([sentence(0, "**Hello** there")])
      .pipeThrough(synthesize(tts, { ...options, sampleRate: 16_000 })),
  );

  deepEqual(tts.calls.map(({ text, options }) => ({ text, options })), [
    { text: "Hello there", options },
  ]);
});

Deno.test("a sentence is synthesised only when there is room for it", async () => {
  const tts = new ScriptedSynthesiser();
  const parts = Array.from({ length: 50 }, (_, index) => sentence(index, "a short sentence"));
  const reader = ReadableStream.from(parts)
    .pipeThrough(synthesize(tts, { signal: live, sampleRate: 16_000 })).getReader();

  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 0));

  ok(tts.calls.length <= 2, `${tts.calls.length} sentences for one chunk`);
  await reader.cancel();
});

Deno.test("an abort reaches an engine in the middle of a sentence", async () => {
  const tts = new ScriptedSynthesiser({ manual: true });
  const abort = new AbortController();
  const speaking = speak(tts, [sentence(0, "Hello there")], { signal: abort.signal });
  const aborted = rejects(speaking, (reason) => reason === "barge-in");
  await tts.called(1);

  abort.abort("barge-in");

  await aborted;
  await tts.calls[0]!.ended;
  equal(tts.calls[0]!.state, "aborted");
});

Deno.test("a failing engine errors the speech", async () => {
  const failure = new EngineError("no", { engine: "fake", failure: "unavailable" });
  const tts = engine(async function* () {
    yield { samples: new Float32Array(1600), sampleRate: 16_000 };
    throw failure;
  });

  const speaking = speak(tts, [sentence(0, "Hello there"), END]);

  await rejects(speaking, (error) => error === failure);
});

Deno.test("who asks is told of each sentence that the engine gets, of what it makes and of its failure", async () => {
  const told: SynthesisProgress[] = [];
  const broken = new EngineError("Broken", { engine: "fake", failure: "crashed" });
  let asked = 0;
  const tts = engine(async function* () {
    if (asked++ > 0) throw broken;
    yield { samples: new Float32Array(800), sampleRate: 16_000 };
  });
  const onProgress = (progress: SynthesisProgress) => void told.push(progress);

  const spoken = Array.fromAsync(
    ReadableStream.from([sentence(0, "One. "), sentence(1, "…"), sentence(2, "Three.")])
      .pipeThrough(synthesize(tts, { signal: live, sampleRate: 16_000, onProgress })),
  );
  await rejects(spoken, broken);

  deepEqual(told, [
    { kind: "asked", sentence: 0, characters: 4 },
    { kind: "made", audioMs: 50 },
    { kind: "asked", sentence: 2, characters: 6 },
    { kind: "failed", error: broken },
  ]);
});
