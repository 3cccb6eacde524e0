import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import type { MarkedFrame } from "@/audio/frame.ts";
import type { Transcript } from "@/engines/asr/engine.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import { EngineError, type EngineFailure } from "@/errors.ts";
import { frameNumbers, markedFrames, range } from "../../fakes/marked_frames.ts";
import { scriptedSegments } from "../../fakes/scripted_segments.ts";

/** An utterance that the test speaks frame by frame, and its transcripts as they come. */
function listen(
  {
    signal = new AbortController().signal,
    prompt = "names",
    earliest = "partial" as Transcript["kind"],
    retryEmpty = false,
  } = {},
) {
  const segments = scriptedSegments();
  const asr = fromSegments({
    name: "scripted",
    recognise: segments.recognise,
    retryEmpty,
    dispose,
  });
  let controller!: ReadableStreamDefaultController<MarkedFrame>;
  let cancelled: unknown;
  const audio = new ReadableStream<MarkedFrame>({
    start: (opened) => void (controller = opened),
    cancel: (reason) => void (cancelled = reason),
  });
  const transcripts = asr.transcribe(audio, { signal, language: "en", prompt, earliest });
  const heard: Transcript[] = [];
  const done = (async () => {
    for await (const transcript of transcripts) heard.push(transcript);
  })();
  done.catch(() => {});
  let spoken = "";

  return {
    audio,
    runs: segments.runs,
    heard,
    done,
    cancelled: () => cancelled,
    async speak(picture: string): Promise<void> {
      const frames = markedFrames(spoken + picture).slice(spoken.length);
      spoken += picture;
      for (const frame of frames) controller.enqueue(frame);
      await turn();
    },
    async end(): Promise<void> {
      controller.close();
      await turn();
    },
    async fail(error: Error): Promise<void> {
      controller.error(error);
      await turn();
    },
  };
}

function dispose(): Promise<void> {
  return Promise.resolve();
}

/** Lets everything that can go on without time go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("the eager text is there in the pause, and is the final one if the silence lasts", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.....");
  equal(runs[0]!.options.priority, "eager");

  runs[0]!.answer("hello");
  await turn();
  deepEqual(heard, [{ kind: "eager", text: "hello" }]);
  await speak("......");
  await end();

  await done;
  deepEqual(heard.slice(1), [{ kind: "final", text: "hello" }]);
  equal(runs.length, 1);
});

Deno.test("reading goes on beside the eager run, and speech that resumes drops it at once", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.....");

  await speak("..##");
  equal(runs[0]!.options.signal.aborted, true);
  await end();

  deepEqual(frameNumbers(runs[1]!.samples), range(0, 14));
  runs[1]!.answer("hello there");
  await done;
  deepEqual(heard, [{ kind: "final", text: "hello there" }]);
});

Deno.test("an eager run that is still at work when the utterance ends becomes the final one", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.......");

  await end();

  equal(runs.length, 1);
  equal(runs[0]!.options.priority, "final");
  runs[0]!.answer("hello");
  await done;
  deepEqual(heard.at(-1), { kind: "final", text: "hello" });
});

function failure(failure: EngineFailure): EngineError {
  return new EngineError("no text", { engine: "scripted", failure });
}

for (const lost of ["displaced", "crashed"] as const) {
  Deno.test(`an eager run that was lost (${lost}) is done again as the final one`, async () => {
    const { speak, end, runs, heard, done } = listen();
    await speak("######.......");
    runs[0]!.fail(failure(lost));
    await turn();

    await end();

    deepEqual(heard, []);
    equal(runs[1]!.options.priority, "final");
    runs[1]!.answer("hello");
    await done;
    deepEqual(heard, [{ kind: "final", text: "hello" }]);
  });
}

for (const failed of ["unavailable", "timeout", "overloaded", "rejected", "malformed"] as const) {
  Deno.test(`an eager run that failed (${failed}) is the failure of the utterance: nothing is asked again`, async () => {
    const { speak, end, runs, heard, done } = listen();
    await speak("######.......");
    runs[0]!.fail(failure(failed));
    await turn();

    await end();

    await rejects(done, { failure: failed });
    deepEqual([heard, runs.length], [[], 1]);
  });
}

Deno.test("an eager run that failed says nothing of what is said after it", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.......");
  runs[0]!.fail(failure("timeout"));
  await speak("####.......");
  runs[1]!.answer("hello there");

  await end();

  await done;
  deepEqual(heard.at(-1), { kind: "final", text: "hello there" });
});

Deno.test("an utterance that ends without a pause is recognised then", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######..");
  equal(runs.length, 0);

  await end();

  deepEqual(frameNumbers(runs[0]!.samples), range(0, 7));
  runs[0]!.answer("hi");
  await done;
  deepEqual(heard, [{ kind: "final", text: "hi" }]);
});

Deno.test("an utterance without speech has an empty text, and no run", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak(".".repeat(100));

  await end();

  await done;
  deepEqual(heard, [{ kind: "final", text: "" }]);
  equal(runs.length, 0);
});

Deno.test("partials come at most once a second, and never beside another run", async () => {
  const { speak, runs, heard } = listen();
  await speak("#".repeat(31));
  equal(runs.length, 0);

  await speak("#");
  equal(runs.length, 1);
  equal(runs[0]!.options.priority, "partial");
  await speak("#".repeat(60)); // the first partial is still at work
  equal(runs.length, 1);
  runs[0]!.answer("once upon");
  await turn();
  await speak("#");

  equal(runs.length, 2);
  deepEqual(heard, [{ kind: "partial", text: "once upon" }]);
  runs[1]!.answer("once upon a time");
  await turn();
  await speak("#".repeat(31));
  equal(runs.length, 2);
});

Deno.test("a pause drops the partial for the eager run", async () => {
  const { speak, runs, heard } = listen();
  await speak("#".repeat(40));

  await speak(".....");

  equal(runs[0]!.options.signal.aborted, true);
  equal(runs[1]!.options.priority, "eager");
  deepEqual(heard, []);
});

Deno.test("nobody hears of a partial that fails", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("#".repeat(40));
  runs[0]!.fail(new Error("overloaded"));
  await turn();

  await end();

  runs[1]!.answer("hello");
  await done;
  deepEqual(heard, [{ kind: "final", text: "hello" }]);
});

Deno.test("an empty text of real speech is tried once more with the samples halved, where the recogniser wants it", async () => {
  const { speak, end, runs, heard, done } = listen({ retryEmpty: true });
  await speak("######");
  await end();

  runs[0]!.answer("");
  await turn();
  deepEqual(runs[1]!.samples, runs[0]!.samples.map((sample) => sample / 2));
  runs[1]!.answer("");

  await done;
  deepEqual(heard, [{ kind: "final", text: "" }]);
  equal(runs.length, 2);
});

Deno.test("an empty text is taken as it is by all others: asking costs time, and may cost money", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######");
  await end();

  runs[0]!.answer("");

  await done;
  deepEqual(heard, [{ kind: "final", text: "" }]);
  equal(runs.length, 1);
});

Deno.test("an empty partial is not tried again", async () => {
  const { speak, runs, heard } = listen({ retryEmpty: true });
  await speak("#".repeat(32));

  runs[0]!.answer("");
  await turn();

  deepEqual(heard, [{ kind: "partial", text: "" }]);
  equal(runs.length, 1);
});

Deno.test("what was said before a long pause keeps its eager text; the pieces are joined", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("####" + ".".repeat(63));
  runs[0]!.answer("First,");
  await speak("####.....");
  equal(runs[0]!.options.signal.aborted, false);

  runs[1]!.answer("second.");
  await turn();
  await end();

  await done;
  deepEqual(heard, [
    { kind: "eager", text: "First," },
    { kind: "eager", text: "First, second." },
    { kind: "final", text: "First, second." },
  ]);
  equal(runs.length, 2);
});

Deno.test("an utterance of more than 25 s is recognised piece by piece while it goes on", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("#".repeat(782));
  const piece = runs.find(({ options }) => options.priority === "final")!;
  piece.answer("A long");

  await end();
  runs.at(-1)!.answer("story.");

  await done;
  deepEqual(heard, [{ kind: "final", text: "A long story." }]);
  deepEqual(
    [...frameNumbers(piece.samples), ...frameNumbers(runs.at(-1)!.samples)],
    range(0, 781),
  );
});

Deno.test("the language and the prompt reach the recogniser", async () => {
  const { speak, end, runs, done } = listen({ prompt: "Flite, Silero" });
  await speak("####");

  await end();

  equal(runs[0]!.options.language, "en");
  equal(runs[0]!.options.prompt, "Flite, Silero");
  runs[0]!.answer("x");
  await done;
});

Deno.test("a final run that fails is the failure of the utterance", async () => {
  const { speak, end, runs, done } = listen();
  await speak("####");
  await end();

  runs[0]!.fail(new Error("crashed"));

  await rejects(done, /crashed/);
});

Deno.test("an abort rejects at once, drops the run, and lets go of the audio", async () => {
  const controller = new AbortController();
  const { speak, runs, done, audio, cancelled } = listen({ signal: controller.signal });
  await speak("####.....");

  controller.abort("enough");

  await rejects(done, (reason) => reason === "enough");
  equal(runs[0]!.options.signal.aborted, true);
  equal(audio.locked, false);
  equal(cancelled(), "enough");
  await turn();
  equal(runs.length, 1);
});

Deno.test("an abort while the final text is awaited begins no other run", async () => {
  const controller = new AbortController();
  const { speak, end, runs, done } = listen({ signal: controller.signal });
  await speak("####.....");
  await end();

  controller.abort("enough");

  await rejects(done, (reason) => reason === "enough");
  await turn();
  equal(runs.length, 1);
});

Deno.test("an abort rejects at once even if the recogniser does not heed its signal", async () => {
  const controller = new AbortController();
  const deaf = fromSegments({ name: "deaf", recognise: () => new Promise(() => {}), dispose });
  const audio = ReadableStream.from(markedFrames("####"));
  const transcripts = Array.fromAsync(deaf.transcribe(audio, { signal: controller.signal }));
  await turn();

  controller.abort("enough");

  await rejects(transcripts, (reason) => reason === "enough");
});

Deno.test("a signal that has aborted begins nothing", async () => {
  const { done, runs, audio, cancelled } = listen({ signal: AbortSignal.abort("too late") });

  await rejects(done, (reason) => reason === "too late");

  equal(runs.length, 0);
  equal(audio.locked, false);
  equal(cancelled(), "too late");
});

Deno.test("audio that fails fails the utterance, and drops the run", async () => {
  const { speak, fail, runs, done, audio } = listen();
  await speak("####.....");

  await fail(new Error("microphone gone"));

  await rejects(done, /microphone gone/);
  equal(runs[0]!.options.signal.aborted, true);
  equal(audio.locked, false);
});

Deno.test("a reader that stops lets go of the audio", async () => {
  const segments = scriptedSegments();
  const asr = fromSegments({ name: "scripted", recognise: segments.recognise, dispose });
  let cancelled = false;
  const audio = new ReadableStream<MarkedFrame>({
    start: (controller) => markedFrames("####.....").forEach((frame) => controller.enqueue(frame)),
    cancel: () => void (cancelled = true),
  });
  const { signal } = new AbortController();
  const transcripts = asr.transcribe(audio, { signal })[Symbol.asyncIterator]();
  await turn();
  segments.runs[0]!.answer("hello");
  await transcripts.next();

  await transcripts.return!();

  ok(cancelled);
  equal(audio.locked, false);
});

Deno.test("the audio is read as it arrives, though nobody reads the transcripts", async () => {
  const segments = scriptedSegments();
  const asr = fromSegments({ name: "scripted", recognise: segments.recognise, dispose });
  const { readable, writable } = new TransformStream<MarkedFrame, MarkedFrame>();
  const { signal } = new AbortController();
  const transcripts = asr.transcribe(readable, { signal });

  await ReadableStream.from(markedFrames("#".repeat(100) + ".......")).pipeTo(writable);

  segments.runs.at(-1)!.answer("all of it");
  const [last] = (await Array.fromAsync(transcripts)).slice(-1);
  deepEqual(last, { kind: "final", text: "all of it" });
});

Deno.test("a reader that lags hears the newest text only", async () => {
  const segments = scriptedSegments();
  const asr = fromSegments({ name: "scripted", recognise: segments.recognise, dispose });
  const { readable, writable } = new TransformStream<MarkedFrame, MarkedFrame>();
  const transcripts = asr.transcribe(readable, { signal: new AbortController().signal });
  await ReadableStream.from(markedFrames("####.....")).pipeTo(writable);

  segments.runs[0]!.answer("hello");
  await turn();

  deepEqual(await Array.fromAsync(transcripts), [{ kind: "final", text: "hello" }]);
});

Deno.test("a text that comes little by little is shown as it grows, and not beyond its run", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.....");
  const [eager] = runs;

  eager!.options.onText("good");
  await turn();
  eager!.answer("good morning");
  await turn();
  eager!.options.onText("too late");
  await end();

  await done;
  deepEqual(heard, [
    { kind: "partial", text: "good" },
    { kind: "eager", text: "good morning" },
    { kind: "final", text: "good morning" },
  ]);
});

Deno.test("a text that nobody wants any more is not shown", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak("######.....");
  await speak("#");

  runs[0]!.options.onText("good");
  await turn();

  deepEqual(heard, []);
  await end();
  runs.at(-1)!.answer("good morning");
  await done;
});

Deno.test("a text that grows stands behind those of the pieces before it, once they are there", async () => {
  const { speak, end, runs, heard, done } = listen();
  await speak(`######${".".repeat(70)}######.....`);
  const [first, second] = runs;

  second!.options.onText("come");
  await turn();
  deepEqual(heard, []);
  first!.answer("please");
  await turn();
  second!.options.onText("come in");
  await turn();

  deepEqual(heard.at(-1), { kind: "partial", text: "please come in" });
  second!.answer("come in");
  await end();
  await done;
});

Deno.test("a recogniser whose runs cost money makes no partials", async () => {
  const segments = scriptedSegments();
  const asr = fromSegments({
    name: "scripted",
    recognise: segments.recognise,
    partials: false,
    dispose,
  });

  const transcripts = Array.fromAsync(
    asr.transcribe(ReadableStream.from(markedFrames("#".repeat(100))), {
      signal: new AbortController().signal,
    }),
  );
  await turn();

  deepEqual(segments.runs.map(({ options }) => options.priority), ["final"]);
  segments.runs[0]!.answer("hello");
  await transcripts;
});

Deno.test("where only the final text is wanted, each piece is recognised once, behind those of conversations", async () => {
  const listener = listen({ earliest: "final" });

  await listener.speak(`${"#".repeat(200)}${".".repeat(10)}${"#".repeat(200)}${".".repeat(20)}`);
  const before = listener.runs.length;
  await listener.end();
  listener.runs[0]!.answer("All of it.");
  await listener.done;

  equal(before, 0);
  deepEqual(listener.runs.map(({ options }) => options.priority), ["recording"]);
  deepEqual(listener.heard, [{ kind: "final", text: "All of it." }]);
});

Deno.test("where nobody reads along while the user speaks, recognition begins in the first pause", async () => {
  const listener = listen({ earliest: "eager" });

  await listener.speak("#".repeat(100));
  const whileSpeaking = listener.runs.length;
  await listener.speak(".".repeat(5));
  const inThePause = listener.runs.map(({ options }) => options.priority);
  listener.runs[0]!.answer("Three seconds.");
  await listener.end();
  await listener.done;

  equal(whileSpeaking, 0);
  deepEqual(inThePause, ["eager"]);
  deepEqual(listener.heard, [
    { kind: "eager", text: "Three seconds." },
    { kind: "final", text: "Three seconds." },
  ]);
});
