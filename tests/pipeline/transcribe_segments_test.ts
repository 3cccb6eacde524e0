import { deepStrictEqual as deepEqual, ok, rejects } from "node:assert/strict";
import { FRAME_MS } from "@/audio/frame.ts";
import type { SpeechRecogniser, TranscribeOptions } from "@/engines/asr/engine.ts";
import { EngineError } from "@/errors.ts";
import { transcribeSegments } from "@/pipeline/transcribe_segments.ts";
import { openUtterance, type Utterance } from "@/pipeline/utterance.ts";
import { markedFrames } from "../fakes/marked_frames.ts";

/** A segment that begins at that window and is as long as its picture. */
function segment(picture: string, first = 0): Utterance {
  const frames = markedFrames(picture, first).map((frame, i) => {
    const start = 512 * (first + i);
    return { ...frame, at: FRAME_MS * (first + i), start, end: start + 512 };
  });
  const open = openUtterance({ id: `${first}`, origin: "voice", frames, engine: "fake" });
  open.end("silence");
  return open.utterance;
}

/** A recogniser that says how many frames it heard. */
function counting(asked: TranscribeOptions[] = []): SpeechRecogniser {
  return {
    name: "counting",
    async *transcribe(audio, options) {
      asked.push(options);
      const frames = await Array.fromAsync(audio);
      yield { kind: "partial", text: "perhaps" };
      yield {
        kind: "final",
        text: frames.some(({ mark }) => mark === "speech") ? ` ${frames.length} ` : "",
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const { signal } = new AbortController();

Deno.test("each segment becomes its text, from its first speech to its last", async () => {
  const segments = ReadableStream.from([segment("..##.", 10), segment("####", 40)]);

  const texts = await Array.fromAsync(
    segments.pipeThrough(transcribeSegments(counting(), { signal })),
  );

  deepEqual(texts, [
    { startMs: 12 * FRAME_MS, endMs: 14 * FRAME_MS, text: "5" },
    { startMs: 40 * FRAME_MS, endMs: 44 * FRAME_MS, text: "4" },
  ]);
});

Deno.test("a segment without words is left out", async () => {
  const segments = ReadableStream.from([segment("...."), segment("##", 40)]);

  const texts = await Array.fromAsync(
    segments.pipeThrough(transcribeSegments(counting(), { signal })),
  );

  deepEqual(texts.map(({ text }) => text), ["2"]);
});

Deno.test("the recogniser is told what is known, and to make nothing but the final text", async () => {
  const asked: TranscribeOptions[] = [];
  const options = { signal, language: "de", prompt: "Deno" };

  await Array.fromAsync(
    ReadableStream.from([segment("##")]).pipeThrough(transcribeSegments(counting(asked), options)),
  );

  deepEqual(asked, [{ ...options, earliest: "final" }]);
});

Deno.test("segments are recognised one after another, and not ahead of the reader", async () => {
  const asked: TranscribeOptions[] = [];
  const segments = ReadableStream.from(["#", "##", "###", "####", "#####"].map((p) => segment(p)));

  const reader = segments.pipeThrough(transcribeSegments(counting(asked), { signal })).getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve));

  ok(asked.length <= 2, `${asked.length}`);
  await reader.cancel();
});

Deno.test("a failure of the recogniser reaches the reader", async () => {
  const failure = new EngineError("no", { engine: "fake", failure: "timeout" });
  const asr: SpeechRecogniser = {
    ...counting(),
    // deno-lint-ignore require-yield
    async *transcribe() {
      throw failure;
    },
  };

  const texts = ReadableStream.from([segment("##")]).pipeThrough(
    transcribeSegments(asr, { signal }),
  );

  await rejects(Array.fromAsync(texts), (error) => error === failure);
});
