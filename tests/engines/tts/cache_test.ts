import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { loadConfig } from "@/config.ts";
import { openSpeechCache, type SpeechCache } from "@/engines/tts/cache/speech_cache.ts";
import { cached } from "@/engines/tts/cache.ts";
import { createEdge } from "@/engines/tts/edge.ts";
import { createFlite } from "@/engines/tts/flite.ts";
import type { Speech, SpeechSynthesiser, SynthesisOptions } from "@/engines/tts/engine.ts";
import { EngineError } from "@/errors.ts";
import { speechLookups } from "@/telemetry/metrics.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";
import { startEdgeServer } from "../../fakes/edge_server.ts";
import { ScriptedSynthesiser, spokenText } from "../../fakes/scripted_synthesiser.ts";

const modelsDir = new URL("../../../models", import.meta.url).pathname;
const never = new AbortController().signal;

testSpeechSynthesiser(
  "flite behind the cache",
  async () =>
    cached(await createFlite({ modelsDir, inferenceWorkers: 1, language: "en" }), {
      cache: await memoryOnly(),
    }),
);

testRemoteEngine("edge behind the cache", {
  start: () => startEdgeServer(),
  create: async ({ url }, { patienceMs }) => {
    const config = loadConfig({ EDGE_TTS_URL: url }, KNOWN_ENGINES);
    const patience = { connectMs: patienceMs, partMs: patienceMs };
    return cached(await createEdge(config, { patience }), { cache: await memoryOnly(0) });
  },
  ask: (edge, which, signal) =>
    edge.synthesize(["What a secret sentence this is.", "Another."][which]!, { signal }),
  whole: (pieces) => pieces.flatMap(({ samples }) => [...samples]),
  secrets: ["secret sentence"],
});

function memoryOnly(maxBytes = 10_000_000): Promise<SpeechCache> {
  speechLookups.reset();
  return openSpeechCache({ maxBytes, dir: undefined });
}

/** Texts since the last `memoryOnly()` or reset, by how their speech came to be. */
async function lookups(): Promise<Record<string, number>> {
  const { values } = await speechLookups.get();
  const counted = values.map(({ labels, value }) => [String(labels.outcome), value] as const);
  return { hit: 0, shared: 0, miss: 0, ...Object.fromEntries(counted) };
}

function collect(
  tts: SpeechSynthesiser,
  text: string,
  options: Partial<SynthesisOptions> = {},
): Promise<Speech[]> {
  return Array.fromAsync(tts.synthesize(text, { signal: never, ...options }));
}

Deno.test("an engine behind the cache has all that it says of itself", async () => {
  const inner = new ScriptedSynthesiser();
  const engine: SpeechSynthesiser = {
    name: "slow",
    model: "xtts",
    deadlineMs: 15_000,
    voices: ["ann"],
    synthesize: (text, options) => inner.synthesize(text, options),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };

  const { name, model, deadlineMs, voices } = cached(engine, { cache: await memoryOnly() });

  deepEqual({ name, model, deadlineMs, voices }, {
    name: "slow",
    model: "xtts",
    deadlineMs: 15_000,
    voices: ["ann"],
  });
});

Deno.test("a text that comes again is not synthesised again", async () => {
  const engine = new ScriptedSynthesiser({ pieceMs: 100 });
  const cache = await memoryOnly();
  const tts = cached(engine, { cache });

  const first = await collect(tts, "good morning");
  const second = await collect(tts, "good  morning\n");

  equal(engine.calls.length, 1);
  ok(first.length > 1);
  deepEqual(second, first.map((speech) => ({ ...speech, kept: true })));
  deepEqual(await lookups(), { hit: 1, shared: 0, miss: 1 });
});

Deno.test("what is kept belongs to its engine, source, voice, speed and language", async () => {
  const engines = ["one", "two"].map((name) => new ScriptedSynthesiser({ name }));
  const cache = await memoryOnly();
  const [tts, otherEngine] = engines.map((engine) => cached(engine, { cache, source: "tts-1" }));
  const otherSource = cached(engines[0]!, { cache, source: "tts-2" });

  await collect(tts!, "hello");
  await collect(otherEngine!, "hello");
  await collect(otherSource, "hello");
  await collect(tts!, "hello", { voice: "other" });
  await collect(tts!, "hello", { speed: 1.5 });
  await collect(tts!, "hello", { language: "de" });
  await collect(tts!, "Hello");
  await collect(tts!, "hello", { voice: "tone", speed: 1 });

  deepEqual(await lookups(), { hit: 1, shared: 0, miss: 7 });
});

Deno.test("callers with the same text at the same time share one synthesis", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const cache = await memoryOnly();
  const tts = cached(engine, { cache });
  const callers = [1, 2, 3].map(() => collect(tts, "all at once"));
  await engine.called(1);

  engine.release();
  const spoken = await Promise.all(callers);

  equal(engine.calls.length, 1);
  for (const speech of spoken) equal(spokenText(speech[0]!.samples), "all at once");
  deepEqual(await lookups(), { hit: 0, shared: 2, miss: 1 });
});

Deno.test("one caller's abort does not touch the other", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const tts = cached(engine, { cache: await memoryOnly() });
  const controller = new AbortController();
  const impatient = collect(tts, "hello", { signal: controller.signal });
  const patient = collect(tts, "hello");
  await engine.called(1);

  controller.abort(new Error("enough"));
  await rejects(impatient, { message: "enough" });
  engine.release();

  equal(spokenText((await patient)[0]!.samples), "hello");
});

Deno.test("the last caller's abort aborts the synthesis, and nothing of it is kept", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const tts = cached(engine, { cache: await memoryOnly() });
  const controller = new AbortController();
  const { signal } = controller;
  const callers = [1, 2].map(() => collect(tts, "hello", { signal }));
  await engine.called(1);

  controller.abort(new Error("enough"));
  for (const caller of callers) await rejects(caller, { message: "enough" });
  await engine.calls[0]!.ended;
  equal(engine.calls[0]!.state, "aborted");

  const next = collect(tts, "hello");
  await engine.called(2);
  engine.release();
  equal((await next).length, 1);
});

Deno.test("a text that is read in part is not kept", async () => {
  const engine = new ScriptedSynthesiser({ pieceMs: 40 });
  const tts = cached(engine, { cache: await memoryOnly() });
  const reader = tts.synthesize("interrupted", { signal: never })[Symbol.asyncIterator]();
  for (let pieces = 0; pieces < 5; pieces++) await reader.next();
  await reader.return?.();

  const whole = await collect(tts, "interrupted");

  equal(engine.calls.length, 2);
  equal(whole.length, "interrupted".length);
});

Deno.test("a synthesis that fails is not kept", async () => {
  const engine = new ScriptedSynthesiser({ manual: true });
  const tts = cached(engine, { cache: await memoryOnly() });
  const failed = collect(tts, "hello");
  await engine.called(1);
  engine.fail(new EngineError("gone", { engine: "scripted", failure: "unavailable" }));
  await rejects(failed, { name: "EngineError", failure: "unavailable" });

  const next = collect(tts, "hello");
  await engine.called(2);
  engine.release();

  equal((await next).length, 1);
});

Deno.test("a text that is to be spoken anew is", async () => {
  const engine = new ScriptedSynthesiser();
  const tts = cached(engine, { cache: await memoryOnly() });
  await collect(tts, "hello");

  await collect(tts, "hello", { anew: true });

  equal(engine.calls.length, 2);
});

Deno.test("a page of text is not kept", async () => {
  const engine = new ScriptedSynthesiser({ letterMs: 1 });
  const cache = await memoryOnly();
  const tts = cached(engine, { cache });

  for (let i = 0; i < 2; i++) await collect(tts, "a long page ".repeat(50));

  equal(engine.calls.length, 2);
  deepEqual(await lookups(), { hit: 0, shared: 0, miss: 0 });
});

Deno.test("speech comes from the folder after a restart, and is in memory from then on", async () => {
  const dir = await Deno.makeTempDir();
  try {
    {
      await using cache = await openSpeechCache({ maxBytes: 1_000_000, dir });
      await collect(cached(new ScriptedSynthesiser(), { cache }), "welcome back");
    }
    speechLookups.reset();
    const engine = new ScriptedSynthesiser();
    await using cache = await openSpeechCache({ maxBytes: 1_000_000, dir });
    const tts = cached(engine, { cache });

    const [speech] = await collect(tts, "welcome back");
    for (const { name } of Deno.readDirSync(dir)) await Deno.remove(`${dir}/${name}`);
    const [again] = await collect(tts, "welcome back");

    equal(spokenText(speech!.samples), "welcome back");
    deepEqual(again, speech);
    equal(engine.calls.length, 0);
    deepEqual(await lookups(), { hit: 2, shared: 0, miss: 0 });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
