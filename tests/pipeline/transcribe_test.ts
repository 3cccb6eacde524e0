import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions, Transcript } from "@/engines/asr/engine.ts";
import { EngineError } from "@/errors.ts";
import { transcribe } from "@/pipeline/transcribe.ts";

function recogniser(hear: SpeechRecogniser["transcribe"]): SpeechRecogniser {
  return { name: "fake", transcribe: hear, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function frames(count: number): ReadableStream<MarkedFrame> {
  const frame: MarkedFrame = { samples: new Float32Array(512), mark: "speech", probability: 1 };
  return ReadableStream.from(Array.from({ length: count }, () => frame));
}

Deno.test("an utterance becomes what the recogniser makes of it, with the options handed on", async () => {
  const options: TranscribeOptions = {
    signal: new AbortController().signal,
    language: "en",
    prompt: "Deno",
  };
  let asked: TranscribeOptions | undefined;
  const asr = recogniser(async function* (audio, given): AsyncGenerator<Transcript> {
    asked = given;
    let count = 0;
    for await (const _ of audio) yield { kind: "partial", text: `${++count}` };
    yield { kind: "final", text: `${count} frames` };
  });

  const heard = await Array.fromAsync(frames(2).pipeThrough(transcribe(asr, options)));

  deepEqual(heard, [
    { kind: "partial", text: "1" },
    { kind: "partial", text: "2" },
    { kind: "final", text: "2 frames" },
  ]);
  equal(asked, options);
});

Deno.test("the recogniser begins before anybody reads what it makes", async () => {
  const begun = Promise.withResolvers<void>();
  const asr = recogniser(async function* (): AsyncGenerator<Transcript> {
    begun.resolve();
    yield { kind: "final", text: "" };
  });

  const { signal } = new AbortController();
  const heard = frames(1).pipeThrough(transcribe(asr, { signal }));

  await begun.promise;
  await heard.cancel();
});

Deno.test("a failure of the recogniser reaches the reader", async () => {
  const failure = new EngineError("no", { engine: "fake", failure: "crashed" });
  const asr = recogniser(async function* (): AsyncGenerator<Transcript> {
    yield { kind: "partial", text: "We" };
    throw failure;
  });

  const { signal } = new AbortController();
  const heard = Array.fromAsync(frames(1).pipeThrough(transcribe(asr, { signal })));

  await rejects(heard, (error) => error === failure);
});
