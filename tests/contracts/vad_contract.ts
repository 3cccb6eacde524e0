import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { SAMPLE_RATE } from "@/audio/frame.ts";
import type { SpeechProbability, VoiceActivityDetector } from "@/engines/vad/engine.ts";
import { framesOf, noise } from "../engines/speech.ts";
import { promptly, RELEASE_MS } from "./promptly.ts";
import { declare, type Skip } from "./skip.ts";

/** Tests of the contract, by what they state. */
export type VadContractTest =
  | "finds speech in speech"
  | "finds none in silence and noise"
  | "answers the same for a stream alone and beside others"
  | "answers between 0 and 1 for anything, for as long as it goes on"
  | "does not begin for a signal that has aborted"
  | "releases an aborted caller at once, and goes on for others";

/** How to test one detector. */
export interface VadContractOptions {
  /** Some seconds of speech at 16 kHz. */
  readonly speech: Float32Array<ArrayBuffer>;
  /** What this engine cannot do, and why. */
  readonly skip?: readonly Skip<VadContractTest>[];
}

/**
 * Tests that hold for every detector. They share one engine, since loading it is slow, and are therefore steps
 * of one test.
 */
export function testVoiceActivityDetector(
  name: string,
  create: () => Promise<VoiceActivityDetector>,
  { speech, skip = [] }: VadContractOptions,
): void {
  const tests = {
    "finds speech in speech": async (vad) => {
      const heard = await hearAll(vad.listen({ signal: never }), speech);

      const share = heard.filter((probability) => probability >= 0.5).length / heard.length;
      ok(share > 0.5, `${share} of the frames`);
    },

    "finds none in silence and noise": async (vad) => {
      const quiet = new Float32Array(2 * SAMPLE_RATE);

      for (const samples of [quiet, noise(2 * SAMPLE_RATE, 0.01), noise(2 * SAMPLE_RATE, 0.2)]) {
        const heard = await hearAll(vad.listen({ signal: never }), samples);
        ok(heard.filter((probability) => probability >= 0.5).length <= 1, `${Math.max(...heard)}`);
      }
    },

    "answers the same for a stream alone and beside others": async (vad) => {
      const streams = Array.from({ length: 20 }, (_, i) => speech.slice(i * 3000));
      const alone: number[][] = [];
      for (const samples of streams) {
        alone.push(await hearAll(vad.listen({ signal: never }), samples));
      }

      const together = await Promise.all(
        streams.map((samples) => hearAll(vad.listen({ signal: never }), samples)),
      );

      const differences = together.flatMap((heard, stream) =>
        heard.map((probability, frame) => Math.abs(probability - alone[stream]![frame]!))
      );
      ok(Math.max(...differences) < 1e-4, `differs by ${Math.max(...differences)}`);
    },

    "answers between 0 and 1 for anything, for as long as it goes on": async (vad) => {
      const square = Float32Array.from({ length: 500 * 512 }, (_, i) => i % 64 < 32 ? 1 : -1);

      const heard = await hearAll(vad.listen({ signal: never }), square);

      equal(heard.length, 500);
      deepEqual(heard.filter((probability) => !(probability >= 0 && probability <= 1)), []);
    },

    "does not begin for a signal that has aborted": async (vad) => {
      const reason = new Error("too late");
      const probability = vad.listen({ signal: AbortSignal.abort(reason) });

      await rejects(probability(speech.slice(0, 512)), (error) => error === reason);
    },

    "releases an aborted caller at once, and goes on for others": async (vad) => {
      await promptly({ released: RELEASE_MS }, async () => {
        const controller = new AbortController();
        const other = vad.listen({ signal: never });
        const dropped = vad.listen({ signal: controller.signal })(speech.slice(0, 512));
        const heard = other(new Float32Array(512));
        const order: string[] = [];
        dropped.catch(() => order.push("released"));
        heard.then(() => order.push("heard"));
        const abortedAt = performance.now();
        controller.abort();
        await rejects(dropped, (error) => error === controller.signal.reason);
        const released = performance.now() - abortedAt;
        ok(await heard < 0.5);
        deepEqual(order, ["released", "heard"]);
        return { released };
      });
    },
  } satisfies Record<VadContractTest, (vad: VoiceActivityDetector) => Promise<void>>;

  Deno.test(`${name} is a voice activity detector`, async (t) => {
    await using vad = await create();

    for (const [test, run] of Object.entries(tests)) {
      await t.step({ ...declare(test, skip), fn: () => run(vad) });
    }
  });
}

const never = new AbortController().signal;

/** What a stream hears, frame after frame. */
async function hearAll(
  probability: SpeechProbability,
  samples: Float32Array<ArrayBuffer>,
): Promise<number[]> {
  const heard: number[] = [];
  for (const frame of framesOf(samples)) heard.push(await probability(frame));
  return heard;
}
