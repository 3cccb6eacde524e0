import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import type { Speech, SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { promptly, RELEASE_MS } from "./promptly.ts";
import { declare, type Skip } from "./skip.ts";

/** Tests of the contract, by what they state. */
export type TtsContractTest =
  | "speaks a sentence in samples between −1 and 1 at one rate"
  | "speaks with each of its voices"
  | "takes any other voice for the default one"
  | "says nothing for a text without words"
  | "speaks a very long text to its end"
  | "speaks faster when told"
  | "does not start for a signal that has aborted"
  | "releases an aborted caller at once and drops its speech"
  | "does not mix two texts spoken at once"
  | "stops when its reader does";

/** How to test one synthesiser. */
export interface TtsContractOptions {
  /** What this engine cannot do, and why. */
  readonly skip?: readonly Skip<TtsContractTest>[];
}

/** Tests that hold for every synthesiser. `create` is called once per test; the test disposes of the engine. */
export function testSpeechSynthesiser(
  name: string,
  create: () => Promise<SpeechSynthesiser>,
  { skip = [] }: TtsContractOptions = {},
): void {
  function contract(test: TtsContractTest, run: (tts: SpeechSynthesiser) => Promise<void>): void {
    const { name: stated, ignore } = declare(test, skip);
    Deno.test({ name: `${name} ${stated}`, ignore }, async () => {
      await using tts = await create();
      await run(tts);
    });
  }

  contract("speaks a sentence in samples between −1 and 1 at one rate", async (tts) => {
    const speech = await collect(tts, "Hello, this is a sentence.");

    ok(seconds(speech) > 0.5 && seconds(speech) < 10, `${seconds(speech)} s`);
    const loudest = speech.samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    ok(loudest > 0.05 && loudest <= 1, `loudest: ${loudest}`);
  });

  contract("speaks with each of its voices", async (tts) => {
    const spoken = await Promise.all(
      tts.voices.map((voice) => collect(tts, "One voice of many.", { voice })),
    );

    ok(tts.voices.length > 0);
    for (const speech of spoken) ok(seconds(speech) > 0.3, `${seconds(speech)} s`);
    equal(new Set(spoken.map(fingerprint)).size, tts.voices.length);
  });

  contract("takes any other voice for the default one", async (tts) => {
    const other = await collect(tts, "Which voice?", { voice: "../no such voice" });

    equal(fingerprint(other), fingerprint(await collect(tts, "Which voice?")));
  });

  contract("says nothing for a text without words", async (tts) => {
    for (const text of ["", "  \n ", "…", "?!", "***", "🙂"]) {
      deepEqual(await Array.fromAsync(tts.synthesize(text, { signal: never })), [], text);
    }
  });

  contract("speaks a very long text to its end", async (tts) => {
    const sentence = "This is one sentence of a rather long text. ";
    const one = await collect(tts, sentence);

    const speech = await collect(tts, sentence.repeat(50));

    const ratio = seconds(speech) / seconds(one) / 50;
    ok(ratio > 0.8 && ratio < 1.25, `${ratio} of what 50 sentences take`);
  });

  contract("speaks faster when told", async (tts) => {
    const natural = await collect(tts, "How fast can you say this sentence?");

    const fast = await collect(tts, "How fast can you say this sentence?", { speed: 2 });

    const ratio = seconds(natural) / seconds(fast);
    ok(ratio > 1.6 && ratio < 2.4, `${ratio} times as fast`);
  });

  contract("does not start for a signal that has aborted", async (tts) => {
    const reason = new Error("too late");

    const speech = collect(tts, "Hello.", { signal: AbortSignal.abort(reason) });

    await rejects(speech, (error) => error === reason);
  });

  contract("releases an aborted caller at once and drops its speech", async (tts) => {
    await promptly({ released: RELEASE_MS }, async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const dropped = collect(tts, "Nobody will hear this. ".repeat(20), { signal });
      await Promise.resolve();
      const abortedAt = performance.now();
      controller.abort();
      await rejects(dropped, (error) => error === signal.reason);
      return { released: performance.now() - abortedAt };
    });

    ok(seconds(await collect(tts, "But this is spoken.")) > 0.3);
  });

  contract("does not mix two texts spoken at once", async (tts) => {
    const texts = ["The first of two.", "And this is the second one, a bit longer."];
    const alone = [await collect(tts, texts[0]!), await collect(tts, texts[1]!)];

    const together = await Promise.all(texts.map((text) => collect(tts, text)));

    deepEqual(together.map(fingerprint), alone.map(fingerprint));
  });

  contract("stops when its reader does", async (tts) => {
    const reader = tts.synthesize("One sentence is enough. ".repeat(50), { signal: never })
      [Symbol.asyncIterator]();
    const first = await reader.next();

    await reader.return?.();

    ok(!first.done);
    deepEqual(await reader.next(), { done: true, value: undefined });
  });
}

const never = new AbortController().signal;

/** All that an engine says for a text, as one piece. */
async function collect(
  tts: SpeechSynthesiser,
  text: string,
  options: { voice?: string; speed?: number; signal?: AbortSignal } = {},
): Promise<Speech> {
  const pieces = await Array.fromAsync(tts.synthesize(text, { signal: never, ...options }));
  const sampleRate = pieces[0]?.sampleRate ?? 0;
  ok(pieces.every((piece) => piece.sampleRate === sampleRate), "one rate");
  ok(pieces.every((piece) => piece.samples.length > 0), "no empty piece");
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.samples.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece.samples, at);
    at += piece.samples.length;
  }
  return { samples, sampleRate };
}

function seconds({ samples, sampleRate }: Speech): number {
  return samples.length / sampleRate;
}

/** Differs where audio differs. */
function fingerprint({ samples }: Speech): string {
  const sum = samples.reduce((total, sample, index) => total + sample * (index % 97), 0);
  return `${samples.length} samples, ${sum.toFixed(3)}`;
}
