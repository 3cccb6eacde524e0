import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FRAME_MS, FRAME_SAMPLES } from "@/audio/frame.ts";
import { EngineError } from "@/errors.ts";
import { segmentRecording } from "@/pipeline/segment_recording.ts";
import type { Utterance } from "@/pipeline/utterance.ts";
import { numberedFrames, probabilities, ScriptedDetector } from "../fakes/scripted_detector.ts";
import { cut } from "../audio/tone.ts";

/** Windows of that many seconds: `#` is speech, `.` silence. */
function last(seconds: number, window: "#" | "."): string {
  return window.repeat(Math.round(seconds * 1000 / FRAME_MS));
}

function find(picture: string, sizes: readonly number[] = [1600]): ReadableStream<Utterance> {
  const { signal } = new AbortController();
  const vad = new ScriptedDetector(probabilities(picture));
  const recording = ReadableStream.from(cut(numberedFrames(picture.length), sizes));
  return recording.pipeThrough(segmentRecording(vad, { signal }));
}

/** Where each segment begins and ends, in windows of the recording. */
async function bounds(segments: ReadableStream<Utterance>): Promise<number[][]> {
  return await Array.fromAsync(segments, async ({ onsetAt, ended }) => {
    const end = await ended;
    ok(end.kind === "turn");
    return [onsetAt / FRAME_MS, end.lastSpeechAt / FRAME_MS + 1];
  });
}

/** Lets everything happen that is already under way. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("a silent recording, and an empty one, hold nothing", async () => {
  deepEqual(await bounds(find(last(5, "."))), []);
  deepEqual(await bounds(find("")), []);
});

Deno.test("what a pause divides are segments, at their places in the recording", async () => {
  const picture = `${".".repeat(30)}${"#".repeat(50)}${".".repeat(25)}${"#".repeat(40)}`;

  deepEqual(await bounds(find(picture)), [[30, 80], [105, 145]]);
});

Deno.test("it does not matter how the recording is cut into pieces", async () => {
  const picture = `${".".repeat(30)}${"#".repeat(50)}${".".repeat(25)}${"#".repeat(40)}`;

  for (const sizes of [[1], [511, 513], [100_000]]) {
    deepEqual(await bounds(find(picture, sizes)), [[30, 80], [105, 145]]);
  }
});

Deno.test("a breath within a sentence divides nothing", async () => {
  const picture = `${"#".repeat(50)}${".".repeat(12)}${"#".repeat(50)}`;

  deepEqual(await bounds(find(picture)), [[0, 112]]);
});

Deno.test("the longer a segment is, the shorter the pause that ends it", async () => {
  const long = last(9, "#");
  const longer = last(16, "#");

  equal((await bounds(find(`${long}${last(0.3, ".")}${long}`))).length, 2);
  deepEqual((await bounds(find(`${longer}.###`)))[0], [0, longer.length]);
});

Deno.test("who never pauses is cut before a recogniser has too much, and nothing is lost", async () => {
  const picture = last(60, "#");

  const segments = await Array.fromAsync(find(picture));

  const frames = await Promise.all(segments.map(({ audio }) => Array.fromAsync(audio)));
  const samples = frames.flat().map(({ samples }) => Math.round(samples[0]! * 1000));
  equal(segments.length, 3);
  ok(frames.every(({ length }) => length * FRAME_MS < 25_000));
  deepEqual(samples, samples.map((_, i) => i));
  equal(samples.length, picture.length);
});

Deno.test("a segment has some of the silence before it, which helps to recognise it", async () => {
  const [segment] = await Array.fromAsync(find(`${".".repeat(30)}${"#".repeat(20)}`));

  const frames = await Array.fromAsync(segment!.audio);

  equal(frames.filter(({ mark }) => mark === "pause").length, Math.ceil(300 / FRAME_MS));
});

Deno.test("a cough is no segment", async () => {
  deepEqual(await bounds(find(`${".".repeat(30)}##${".".repeat(30)}`)), []);
});

Deno.test("the recording is read no further than its segments are taken", async () => {
  const picture = `${"#".repeat(20)}${".".repeat(30)}`.repeat(20);
  let pulled = 0;
  const recording = new ReadableStream<Float32Array>({
    pull(controller) {
      if (pulled === picture.length) return controller.close();
      pulled++;
      controller.enqueue(new Float32Array(FRAME_SAMPLES));
    },
  }, { highWaterMark: 0 });
  const vad = new ScriptedDetector(probabilities(picture));
  const { signal } = new AbortController();

  const reader = recording.pipeThrough(segmentRecording(vad, { signal })).getReader();
  await reader.read();
  await settle();

  ok(pulled < 3 * 50, `${pulled}`);
  await reader.cancel();
});

Deno.test("a failure of the VAD reaches the reader, instead of counting as silence", async () => {
  const failure = new EngineError("no", { engine: "fake", failure: "crashed" });
  const vad = new ScriptedDetector([0.9, 0.9, failure]);
  const { signal } = new AbortController();

  const segments = ReadableStream.from([numberedFrames(5)])
    .pipeThrough(segmentRecording(vad, { signal }));

  await rejects(Array.fromAsync(segments), (error) => error === failure);
});

Deno.test("a failure of the recording reaches the reader, though somebody speaks", async () => {
  const failure = new Error("broken");
  async function* recording() {
    yield numberedFrames(20);
    throw failure;
  }
  const { signal } = new AbortController();
  const vad = new ScriptedDetector(probabilities("#".repeat(20)));

  const segments = ReadableStream.from(recording()).pipeThrough(segmentRecording(vad, { signal }));

  await rejects(Array.fromAsync(segments), (error) => error === failure);
});

Deno.test("the signal ends it in the middle, and lets go of the recording", async () => {
  const controller = new AbortController();
  let cancelled = false;
  const recording = new ReadableStream<Float32Array>({
    pull: (stream) => stream.enqueue(numberedFrames(10)),
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const gate = () => {
    controller.abort(new Error("gone"));
    return Promise.resolve();
  };
  const vad = new ScriptedDetector([], { gate });

  const segments = recording.pipeThrough(segmentRecording(vad, controller));

  await rejects(Array.fromAsync(segments), /gone/);
  await settle();
  ok(cancelled);
});
