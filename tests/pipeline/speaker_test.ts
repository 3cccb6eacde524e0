import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { createPlayout } from "@/pipeline/playout.ts";
import { createSpeaker, LEAD_MS, type SpeakerOptions } from "@/pipeline/speaker.ts";
import type { SpeechChunk, SpeechPart } from "@/pipeline/synthesize.ts";

const sampleRate = 1000; // a sample is a millisecond
const END = { kind: "end", reason: "stop" } as const;
const CALL = { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" } as const;

function chunk(ms = 200): SpeechChunk {
  return {
    kind: "speech",
    samples: new Float32Array(ms),
    sentence: { index: 0, text: "Hm." },
    last: false,
  };
}

function chunks(count: number): SpeechPart[] {
  return Array.from({ length: count }, () => chunk());
}

/** A speaker on fake time that writes down what it hands over, and when. */
function recorded(options: Partial<SpeakerOptions> = {}) {
  const abort = new AbortController();
  const began = Date.now();
  const log: { kind: string; at: number }[] = [];
  const note = ({ kind }: SpeechPart) => log.push({ kind, at: Date.now() - began });
  const playout = createPlayout({ sampleRate, now: () => Date.now() });
  const speaker = createSpeaker({
    playout,
    signal: abort.signal,
    chunk: note,
    call: note,
    end: note,
    ...options,
  });
  return { abort, log, playout, speaker };
}

Deno.test("a speaker lets no more than its lead run ahead of real time", async () => {
  using time = new FakeTime();
  const { log, playout, speaker } = recorded();

  const piped = ReadableStream.from(chunks(20)).pipeTo(speaker.writable);
  let most = 0;
  for (let passed = 0; passed < 4000; passed += 50) {
    await time.tickAsync(50);
    most = Math.max(most, playout.leadMs());
  }
  await piped;

  deepEqual(log.map(({ at }) => at), [
    ...Array.from({ length: 10 }, () => 0),
    ...Array.from({ length: 10 }, (_, i) => (i + 1) * 200),
  ]);
  ok(most <= LEAD_MS, `${most} ms ahead`);
});

Deno.test("the speaker waits for room before it hands audio over, never after", async () => {
  using time = new FakeTime();
  const { log, speaker } = recorded({ leadMs: 200 });
  const writer = speaker.writable.getWriter();

  await writer.write(chunk());
  const handedOver = log.length;
  const second = writer.write(chunk());
  await time.tickAsync(199);
  const early = log.length;
  await time.tickAsync(1);
  await second;

  equal(handedOver, 1);
  equal(early, 1);
  equal(log.length, 2);
});

Deno.test("the speaker wakes on abort within a tick and hands over nothing more", async () => {
  using time = new FakeTime();
  const { abort, log, speaker } = recorded();
  const piped = ReadableStream.from([...chunks(20), CALL, END])
    .pipeTo(speaker.writable, { signal: abort.signal, preventAbort: true });
  await time.tickAsync(100);
  const before = log.length;

  abort.abort("barge-in");

  await rejects(piped, (reason) => reason === "barge-in"); // settles though no time passes
  await time.tickAsync(10_000);
  equal(log.length, before);
});

Deno.test("the speaker's pipe settles on abort while the wire has no room", async () => {
  using _ = new FakeTime();
  const { abort, log, speaker } = recorded({ room: () => new Promise(() => {}) });
  const piped = ReadableStream.from(chunks(3))
    .pipeTo(speaker.writable, { signal: abort.signal, preventAbort: true });
  await Promise.resolve();

  abort.abort("barge-in");

  await rejects(piped, (reason) => reason === "barge-in");
  equal(log.length, 0);
});

Deno.test("the speaker wakes when its own stream is aborted", async () => {
  using time = new FakeTime();
  const { log, speaker } = recorded({ leadMs: 200 });
  const writer = speaker.writable.getWriter();
  await writer.write(chunk());
  const waiting = writer.write(chunk());

  await writer.abort("gone");
  await waiting.catch(() => {});
  await time.tickAsync(1000);

  equal(log.length, 1);
});

Deno.test("audio waits for the wire's room, and then keeps its order", async () => {
  using _ = new FakeTime();
  const room = Promise.withResolvers<void>();
  const { log, speaker } = recorded({ room: () => room.promise });
  const piped = ReadableStream.from([chunk(), CALL, END]).pipeTo(speaker.writable);

  await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
  const before = log.length;
  room.resolve();
  await piped;

  equal(before, 0);
  deepEqual(log.map(({ kind }) => kind), ["speech", "toolCall", "end"]);
});

Deno.test("a failure of the wire fails the pipe", async () => {
  using _ = new FakeTime();
  const failure = new Error("broken wire");
  const { speaker } = recorded({ room: () => Promise.reject(failure) });

  const piped = ReadableStream.from(chunks(2)).pipeTo(speaker.writable);

  await rejects(piped, (error) => error === failure);
});

Deno.test("a speaker in a hurry hands the rest over unpaced, even what it waits with", async () => {
  using time = new FakeTime();
  const { log, speaker } = recorded();
  const piped = ReadableStream.from([...chunks(30), CALL, END]).pipeTo(speaker.writable);
  await time.tickAsync(10);
  const before = log.length;

  speaker.hurry();
  await piped; // no time passes

  equal(before, 10);
  equal(log.length, 32);
  deepEqual(log.slice(-2).map(({ kind }) => kind), ["toolCall", "end"]);
});

Deno.test("the play-out counts a chunk by the time it is handed over", async () => {
  using _ = new FakeTime();
  let counted = -1;
  const { playout, speaker } = recorded({ chunk: () => counted = playout.sentSamples() });
  const writer = speaker.writable.getWriter();

  await writer.write(chunk());

  equal(counted, 200);
});

Deno.test("a chunk without audio, a call and the end wait for nothing", async () => {
  using _ = new FakeTime();
  const { log, speaker } = recorded({ leadMs: 200 });

  await ReadableStream.from([chunk(), chunk(0), CALL, END]).pipeTo(speaker.writable);

  deepEqual(log.map(({ kind }) => kind), ["speech", "speech", "toolCall", "end"]);
});

Deno.test("a chunk longer than the lead is handed over once all before it is played", async () => {
  using time = new FakeTime();
  const { log, speaker } = recorded({ leadMs: 100 });

  const piped = ReadableStream.from(chunks(2)).pipeTo(speaker.writable);
  await time.tickAsync(200);
  await piped;

  deepEqual(log.map(({ at }) => at), [0, 200]);
});
