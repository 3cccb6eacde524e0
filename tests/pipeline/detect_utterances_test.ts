import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { createDenoiser } from "@/audio/denoise.ts";
import { FRAME_SAMPLES } from "@/audio/frame.ts";
import { createFlite } from "@/engines/tts/flite.ts";
import { createSilero } from "@/engines/vad/silero.ts";
import { EngineError } from "@/errors.ts";
import {
  type Detection,
  detectUtterances,
  MAX_UNREAD_UTTERANCES,
  type Utterance,
} from "@/pipeline/detect_utterances.ts";
import { numberedFrames, probabilities } from "../fakes/scripted_detector.ts";
import { BY_VOICE, openMicrophone, pictureOf } from "../fakes/scripted_microphone.ts";

const MANUAL: Detection = { mode: "manual", denoise: false };

/** Lets everything happen that is already under way. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** All utterances of a stream. */
async function all(reader: ReadableStreamDefaultReader<Utterance>): Promise<Utterance[]> {
  const found: Utterance[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return found;
    found.push(value);
  }
}

async function next(reader: ReadableStreamDefaultReader<Utterance>): Promise<Utterance> {
  const { value } = await reader.read();
  ok(value, "there is no further utterance");
  return value;
}

Deno.test("an utterance is passed on in the very frame that reaches the minimum of speech", async () => {
  const microphone = openMicrophone(probabilities("...####"));
  let found: Utterance | undefined;
  void next(microphone.utterances).then((utterance) => found = utterance);

  microphone.frames(5);
  await settle();
  const before = found;
  microphone.frames(1);
  await settle();

  equal(before, undefined);
  equal(found?.origin, "voice");
  equal(found?.onsetAt, 4000); // the fourth frame
  microphone.abort.abort();
});

Deno.test("an utterance holds its padding, its onset and all that follows, marked", async () => {
  const picture = ".....####..##....";
  const microphone = openMicrophone(probabilities(picture));

  microphone.frames(picture.length);
  const utterance = await next(microphone.utterances);

  deepEqual(await pictureOf(utterance), { first: 2, marks: "ppp" + "ssss" + "pp" + "rs" + "pppp" });
  equal(utterance.startMs, 64);
  deepEqual(await utterance.ended, {
    kind: "turn",
    cause: "silence",
    endMs: picture.length * 32,
    lastSpeechAt: 13_000,
    speechMs: 6 * 32,
  });
  microphone.abort.abort();
});

Deno.test("however the audio is cut, the utterances are the same", async () => {
  const picture = "....###....####..#.....";
  const whole = numberedFrames(picture.length);

  const found = [];
  for (const length of [1, 100, 511, 513, 4000, whole.length]) {
    const microphone = openMicrophone(probabilities(picture));
    for (let start = 0; start < whole.length; start += length) {
      const samples = whole.subarray(start, start + length);
      void microphone.writer.write({ kind: "audio", samples, at: 0 });
    }
    void microphone.writer.close();
    const utterances = await all(microphone.utterances);
    found.push(
      await Promise.all(utterances.map(async (each) => [
        each.startMs,
        await pictureOf(each),
        await each.ended,
      ])),
    );
  }

  equal(found[0]!.length, 2);
  for (const other of found) deepEqual(other, found[0]);
});

Deno.test("a cough starts nothing and is silence in the padding of the next utterance", async () => {
  const microphone = openMicrophone(probabilities("....##.###...."));

  microphone.frames(14);
  void microphone.writer.close();
  const utterances = await all(microphone.utterances);

  equal(utterances.length, 1);
  deepEqual(await pictureOf(utterances[0]!), { first: 4, marks: "ppp" + "sss" + "pppp" });
});

Deno.test("the owner is asked at every pause, with the silence so far", async () => {
  const asked: number[] = [];
  const microphone = openMicrophone(probabilities("###..#..."), {
    endOfTurn: (_, silenceMs) => asked.push(silenceMs) > 100,
  });

  microphone.frames(9);
  await settle();

  deepEqual(asked, [32, 64, 32, 64, 96]);
  microphone.abort.abort();
});

Deno.test("utterances do not overlap: padding reaches back to the end of the one before", async () => {
  const picture = "###...." + "####....";
  const microphone = openMicrophone(probabilities(picture));

  microphone.frames(picture.length);
  const [first, second] = [await next(microphone.utterances), await next(microphone.utterances)];

  equal((await pictureOf(first)).marks, "ssspppp");
  deepEqual(await pictureOf(second), { first: 7, marks: "sssspppp" });
  equal(second.startMs, 7 * 32);
  microphone.abort.abort();
});

Deno.test("detectUtterances goes on listening while nobody reads its utterances", async () => {
  const picture = "###....".repeat(3);
  const microphone = openMicrophone(probabilities(picture));

  microphone.frames(picture.length);
  await settle();

  equal(microphone.vad.frames.length, picture.length);
  microphone.abort.abort();
});

Deno.test("an unread utterance does not keep the next one from being heard", async () => {
  const microphone = openMicrophone(probabilities("###....###...."));

  microphone.frames(14);
  const first = await next(microphone.utterances);
  const second = await next(microphone.utterances);

  equal((await first.ended).kind, "turn");
  equal((await pictureOf(second)).marks, "ssspppp");
  microphone.abort.abort();
});

Deno.test("an utterance cancelled in the middle still ends, and the next one is heard", async () => {
  const microphone = openMicrophone(probabilities("######....###...."));
  microphone.frames(4);
  const first = await next(microphone.utterances);

  await first.audio.cancel();
  microphone.frames(13);
  const second = await next(microphone.utterances);

  const end = await first.ended;
  ok(end.kind === "turn");
  equal(end.endMs, 10 * 32);
  equal(end.speechMs, 6 * 32);
  equal((await pictureOf(second)).marks, "ssspppp");
  microphone.abort.abort();
});

Deno.test("a reader that lags 25 s behind loses that utterance's audio, and nothing else", async () => {
  const speech = 800;
  const picture = "#".repeat(speech) + "...." + "###....";
  const microphone = openMicrophone(probabilities(picture));

  microphone.frames(picture.length);
  const first = await next(microphone.utterances);
  await settle();
  const second = await next(microphone.utterances);

  const end = await first.ended;
  equal(end.kind === "turn" && end.speechMs, speech * 32);
  await rejects(
    pictureOf(first),
    (error) => error instanceof EngineError && error.failure === "overloaded",
  );
  equal((await pictureOf(second)).marks, "ssspppp");
  microphone.abort.abort();
});

Deno.test("a reader that keeps up hears more than 25 s", async () => {
  const picture = "#".repeat(1000) + "....";
  const microphone = openMicrophone(probabilities(picture));
  microphone.frames(100);
  const read = pictureOf(await next(microphone.utterances));

  for (let sent = 100; sent < picture.length; sent += 113) {
    microphone.frames(113);
    await settle();
  }

  equal((await read).marks, "s".repeat(1000) + "pppp");
  microphone.abort.abort();
});

Deno.test("utterances that nobody reads are bounded: the newest are left out, and it is said once", async () => {
  const one = "###....";
  const microphone = openMicrophone(probabilities(one.repeat(9)));

  microphone.frames(one.length * 7);
  await settle();
  const kept: Utterance[] = [];
  for (let i = 0; i < MAX_UNREAD_UTTERANCES; i++) kept.push(await next(microphone.utterances));
  microphone.frames(one.length);
  const later = await next(microphone.utterances);

  deepEqual(kept.map(({ startMs }) => startMs / 32), [0, 7, 14, 21]);
  equal(later.startMs, 46 * 32); // with the padding before the eighth
  equal(microphone.errors.length, 1);
  ok(microphone.errors[0] instanceof EngineError);
  equal(microphone.errors[0].failure, "overloaded");
  microphone.abort.abort();
});

Deno.test("the microphone is never kept waiting by the VAD", async () => {
  const microphone = openMicrophone([], { gate: () => new Promise(() => {}) });

  for (let i = 0; i < 100; i++) {
    await microphone.writer.write({ kind: "audio", samples: numberedFrames(10), at: 0 });
  }

  equal(microphone.vad.frames.length, 1);
  microphone.abort.abort();
});

Deno.test("audio beyond 10 minutes of waiting is left out, said once, and counted", async () => {
  const gate = Promise.withResolvers<void>();
  const microphone = openMicrophone([], { gate: () => gate.promise, detection: () => MANUAL });
  const minute = new Float32Array(60 * 16_000);

  for (let i = 0; i < 13; i++) {
    void microphone.writer.write({ kind: "audio", samples: minute, at: i });
  }
  const cleared = microphone.clear();
  await settle();
  const errors = [...microphone.errors];
  gate.resolve();
  await cleared;
  microphone.frames(4);

  equal(errors.length, 1);
  ok(errors[0] instanceof EngineError);
  await next(microphone.utterances); // what was cleared
  equal((await next(microphone.utterances)).startMs, 13 * 60_000);
  microphone.abort.abort();
});

Deno.test("without turn detection all audio up to a commit is one utterance, marked all the same", async () => {
  const picture = "..##..###......##....";
  const microphone = openMicrophone(probabilities(picture), { detection: () => MANUAL });

  microphone.frames(picture.length);
  const id = await microphone.commit();
  const utterance = await next(microphone.utterances);

  equal(id, "item_0");
  equal(utterance.id, "item_0");
  equal(utterance.origin, "commit");
  deepEqual(await pictureOf(utterance), {
    first: 0,
    marks: "pppppp" + "sss" + "pppppp" + "rs" + "pppp",
  });
  deepEqual(await utterance.ended, {
    kind: "turn",
    cause: "commit",
    endMs: picture.length * 32,
    lastSpeechAt: 17_000,
    speechMs: 5 * 32,
  });
  microphone.abort.abort();
});

Deno.test("without turn detection an utterance is there before its commit", async () => {
  const microphone = openMicrophone(probabilities("#####"), { detection: () => MANUAL });

  microphone.frames(5);
  const utterance = await next(microphone.utterances);

  equal(utterance.origin, "commit");
  microphone.abort.abort();
});

Deno.test("a commit holds the last samples too, filled up with silence", async () => {
  const microphone = openMicrophone([], { detection: () => MANUAL });

  microphone.samples(FRAME_SAMPLES * 4 + 160);
  await microphone.commit();
  const utterance = await next(microphone.utterances);
  microphone.samples(FRAME_SAMPLES * 4);
  const second = await next(microphone.utterances);

  equal((await pictureOf(utterance)).marks, "ppppp");
  const end = await utterance.ended;
  equal(end.kind === "turn" && end.endMs, 4 * 32 + 10);
  equal(second.startMs, 4 * 32 + 10);
  microphone.abort.abort();
});

Deno.test("a commit of less than 100 ms does nothing, and what was there stays", async () => {
  const microphone = openMicrophone([], { detection: () => MANUAL });

  microphone.samples(1599);
  const early = await microphone.commit();
  microphone.samples(1);
  const enough = await microphone.commit();
  const again = await microphone.commit();
  const utterance = await next(microphone.utterances);

  equal(early, undefined);
  equal(enough, "item_0");
  equal(again, undefined);
  equal(utterance.startMs, 0);
  microphone.abort.abort();
});

Deno.test("speech too short to be decided is speech when it is committed", async () => {
  const microphone = openMicrophone(probabilities("....##"), { detection: () => MANUAL });

  microphone.frames(6);
  await microphone.commit();

  equal((await pictureOf(await next(microphone.utterances))).marks, "ppppss");
  microphone.abort.abort();
});

Deno.test("a commit ends the utterance that the voice began", async () => {
  const microphone = openMicrophone(probabilities("..########"));
  microphone.frames(7);

  const id = await microphone.commit();
  const utterance = await next(microphone.utterances);
  microphone.frames(3);
  const second = await next(microphone.utterances);

  equal(id, utterance.id);
  const end = await utterance.ended;
  equal(end.kind === "turn" && end.cause, "commit");
  equal((await pictureOf(utterance)).marks, "ppsssss");
  equal(second.startMs, 7 * 32);
  microphone.abort.abort();
});

Deno.test("a commit in silence makes an utterance of what is kept", async () => {
  const microphone = openMicrophone(probabilities(".".repeat(20) + "##"));
  microphone.frames(22);

  const id = await microphone.commit();
  const utterance = await next(microphone.utterances);
  const again = await microphone.commit();

  equal(id, utterance.id);
  equal(utterance.origin, "commit");
  deepEqual(await pictureOf(utterance), { first: 13, marks: "pppppppss" });
  equal(again, undefined);
  microphone.abort.abort();
});

Deno.test("a clear drops the running utterance, and the next one begins afresh", async () => {
  const microphone = openMicrophone(probabilities("..####" + ".###...."));
  microphone.frames(6);
  const dropped = await next(microphone.utterances);

  microphone.samples(100);
  await microphone.clear();
  microphone.samples(8 * FRAME_SAMPLES);
  const following = await next(microphone.utterances);

  deepEqual(await dropped.ended, { kind: "dropped" });
  await rejects(
    pictureOf(dropped),
    (error) => error instanceof DOMException && error.name === "AbortError",
  );
  equal((await pictureOf(following)).marks, "p" + "sss" + "pppp");
  equal(following.startMs, (6 * FRAME_SAMPLES + 100) / 16);
  microphone.abort.abort();
});

Deno.test("commands apply after all audio before them, however slow the VAD", async () => {
  const microphone = openMicrophone(probabilities("####"), { gate: settle });

  microphone.frames(4);
  const id = await microphone.commit();

  equal(microphone.vad.frames.length, 4);
  equal(id, "item_0");
  microphone.abort.abort();
});

Deno.test("an utterance ends after 10 minutes", async () => {
  const frames = 10 * 60 * 1000 / 32;
  const microphone = openMicrophone(probabilities("#".repeat(frames + 10)));

  microphone.samples(frames * FRAME_SAMPLES);
  microphone.samples(10 * FRAME_SAMPLES);
  const utterance = await next(microphone.utterances);
  await utterance.audio.cancel();
  const end = await utterance.ended;
  const following = await next(microphone.utterances);

  equal(end.kind === "turn" && end.cause, "length");
  equal(end.kind === "turn" && end.endMs, 600_000);
  equal(following.startMs, 600_000);
  microphone.abort.abort();
});

Deno.test("a frame at which the VAD fails is silence, and a run of failures is reported once", async () => {
  const failure = new EngineError("slow", { engine: "scripted", failure: "timeout" });
  const speech = probabilities("###");
  const microphone = openMicrophone([failure, failure, ...speech, failure, ...speech]);

  microphone.frames(9);
  const utterance = await next(microphone.utterances);
  await microphone.commit();

  deepEqual((await pictureOf(utterance)).marks, "pp" + "sss" + "p" + "rss");
  deepEqual(microphone.errors, [failure, failure]);
  microphone.abort.abort();
});

Deno.test("at the end of the input a running utterance ends with all of its audio", async () => {
  const microphone = openMicrophone(probabilities("####"));

  microphone.frames(4);
  microphone.samples(160);
  await microphone.writer.close();
  const [utterance, ...others] = await all(microphone.utterances);

  equal(others.length, 0);
  equal((await pictureOf(utterance!)).marks, "ssssp");
  const end = await utterance!.ended;
  equal(end.kind === "turn" && end.endMs, 4 * 32 + 10);
});

Deno.test("an abort drops the running utterance and ends everything, though the VAD hangs", async () => {
  let hang = false;
  const microphone = openMicrophone(probabilities("########"), {
    gate: () => hang ? new Promise(() => {}) : Promise.resolve(),
  });
  microphone.frames(4);
  const utterance = await next(microphone.utterances);
  const read = rejects(pictureOf(utterance), (reason) => reason === "bye");
  hang = true;
  microphone.frames(2);
  await settle();

  microphone.abort.abort("bye");

  deepEqual(await utterance.ended, { kind: "dropped" });
  await read;
  equal((await microphone.utterances.read()).done, true);
  await rejects(microphone.writer.closed, (reason) => reason === "bye");
  equal(microphone.errors.length, 0);
});

Deno.test("a signal that has aborted already ends everything at once", async () => {
  const microphone = openMicrophone([], { signal: AbortSignal.abort("bye") });

  const { done } = await microphone.utterances.read();

  equal(done, true);
  await rejects(microphone.writer.closed, (reason) => reason === "bye");
});

Deno.test("aborting the microphone errors the utterances and drops the running one", async () => {
  const microphone = openMicrophone(probabilities("####"));
  microphone.frames(4);
  const utterance = await next(microphone.utterances);

  await microphone.writer.abort("unplugged");

  await rejects(microphone.utterances.read(), (reason) => reason === "unplugged");
  deepEqual(await utterance.ended, { kind: "dropped" });
});

Deno.test("cancelling the utterances ends the listening", async () => {
  const microphone = openMicrophone(probabilities("####"));
  microphone.frames(4);
  const utterance = await next(microphone.utterances);

  await microphone.utterances.cancel("enough");

  deepEqual(await utterance.ended, { kind: "dropped" });
  await rejects(microphone.writer.closed, (reason) => reason === "enough");
});

Deno.test("a change of the threshold counts from the next frame on", async () => {
  let detection: Detection = { ...BY_VOICE, threshold: 0.95 };
  const microphone = openMicrophone(probabilities("########"), { detection: () => detection });
  microphone.frames(4);
  await settle();

  detection = BY_VOICE;
  microphone.frames(4);
  const utterance = await next(microphone.utterances);

  equal(utterance.onsetAt, 5000);
  microphone.abort.abort();
});

Deno.test("an utterance that the voice began outlives the end of turn detection, up to a commit", async () => {
  let detection: Detection = BY_VOICE;
  const microphone = openMicrophone(probabilities("####........"), { detection: () => detection });
  microphone.frames(4);
  const utterance = await next(microphone.utterances);

  detection = MANUAL;
  microphone.frames(8);
  const id = await microphone.commit();

  equal(id, utterance.id);
  equal((await pictureOf(utterance)).marks, "sssspppppppp");
  microphone.abort.abort();
});

Deno.test("audio that awaits a commit is dropped when turn detection begins", async () => {
  let detection: Detection = MANUAL;
  const microphone = openMicrophone(probabilities("......" + "###"), {
    detection: () => detection,
  });
  microphone.frames(6);
  const manual = await next(microphone.utterances);
  await settle();

  detection = BY_VOICE;
  microphone.frames(3);
  const voice = await next(microphone.utterances);

  deepEqual(await manual.ended, { kind: "dropped" });
  equal(voice.origin, "voice");
  equal(voice.startMs, 6 * 32);
  microphone.abort.abort();
});

Deno.test("with noise reduction the VAD hears clean audio and the utterance holds the original", async () => {
  using denoiser = createDenoiser();
  const noise = Array.from(
    { length: 8 },
    () => Float32Array.from({ length: FRAME_SAMPLES }, () => Math.random() - 0.5),
  );
  const microphone = openMicrophone(probabilities("########"), {
    detection: () => ({ ...BY_VOICE, denoise: true }),
  });

  for (const samples of noise) {
    await microphone.writer.write({ kind: "audio", samples, at: 0 });
  }
  await microphone.commit();
  const utterance = await next(microphone.utterances);

  const original = await Array.fromAsync(utterance.audio, ({ samples }) => samples);
  deepEqual(original, noise);
  deepEqual(microphone.vad.frames, noise.map((frame) => denoiser.process(frame)));
  microphone.abort.abort();
});

Deno.test("the real Silero finds two sentences with a pause between them", async () => {
  const modelsDir = new URL("../../models", import.meta.url).pathname;
  await using silero = await createSilero({ modelsDir, inferenceWorkers: 1 });
  await using flite = await createFlite({ modelsDir, inferenceWorkers: 0, language: "en" });
  const { signal } = new AbortController();
  const { readable, writable } = detectUtterances(silero, {
    signal,
    detection: () => ({ ...BY_VOICE, prefixPaddingMs: 300 }),
    endOfTurn: (_, silenceMs) => silenceMs >= 500,
    newId: () => crypto.randomUUID(),
  });

  const writer = writable.getWriter();
  const silence = new Float32Array(16_000);
  const ends: number[] = [];
  let written = 0;
  for (const text of ["What time is it in Paris?", "Thank you very much."]) {
    const speech = await Array.fromAsync(flite.synthesize(text, { signal, voice: "awb" }));
    for (const samples of [silence, ...speech.map(({ samples }) => samples), silence]) {
      void writer.write({ kind: "audio", samples, at: 0 });
      written += samples.length;
    }
    ends.push((written - silence.length) / 16);
  }
  const closed = writer.close();
  const found = await all(readable.getReader());
  await closed;

  equal(found.length, 2);
  for (const [i, utterance] of found.entries()) {
    const end = await utterance.ended;
    ok(end.kind === "turn" && end.cause === "silence");
    ok(
      Math.abs(end.endMs - 500 - ends[i]!) < 300,
      `speech ends at ${ends[i]}, heard ${end.endMs - 500}`,
    );
  }
});
