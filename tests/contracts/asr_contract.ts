import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { FRAME_SAMPLES, type MarkedFrame, SAMPLE_RATE } from "@/audio/frame.ts";
import type { SpeechRecogniser, Transcript } from "@/engines/asr/engine.ts";
import { marked, words } from "../engines/speech.ts";
import { promptly, RELEASE_MS } from "./promptly.ts";
import { declare, type Skip } from "./skip.ts";

/** Tests of the contract, by what they state. */
export type AsrContractTest =
  | "writes down what was said, and ends with the one final text"
  | "hears the same at once and little by little"
  | "hears nothing where there is nothing, and in silence"
  | "writes a very long utterance down to its end"
  | "does not mix two utterances heard at once"
  | "does not begin for a signal that has aborted"
  | "releases an aborted caller and its audio at once, and works on for others"
  | "releases an aborted caller who waits for audio"
  | "stops when its reader does"
  | "fails when its audio fails";

/** An utterance, and the words in it that must be understood. */
export interface ContractUtterance {
  /** 16 kHz. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** Lower case. */
  readonly words: readonly string[];
}

/** How to test one recogniser. */
export interface AsrContractOptions {
  /** Two that differ in all their words. */
  readonly utterances: readonly [ContractUtterance, ContractUtterance];
  /** One of more than 26 s, with all its words. */
  readonly long: ContractUtterance;
  /** What this engine cannot do, and why. */
  readonly skip?: readonly Skip<AsrContractTest>[];
}

/**
 * Tests that hold for every recogniser. They share one engine, since loading it is slow, and are therefore
 * steps of one test.
 */
export function testSpeechRecogniser(
  name: string,
  create: () => Promise<SpeechRecogniser>,
  { utterances: [first, second], long, skip = [] }: AsrContractOptions,
): void {
  const tests = {
    "writes down what was said, and ends with the one final text": async (asr) => {
      const audio = ReadableStream.from(marked(first.samples));

      const transcripts = await Array.fromAsync(asr.transcribe(audio, { signal: never }));

      deepEqual(missing(first, transcripts.at(-1)!.text), []);
      deepEqual(transcripts.filter(({ kind }) => kind === "final"), transcripts.slice(-1));
      equal(audio.locked, false);
    },

    "hears the same at once and little by little": async (asr) => {
      const atOnce = await final(asr, marked(first.samples));

      const slowly = await final(asr, little(marked(first.samples)));

      equal(slowly, atOnce);
    },

    "hears nothing where there is nothing, and in silence": async (asr) => {
      equal(await final(asr, []), "");
      equal(await final(asr, marked(new Float32Array(5 * SAMPLE_RATE), "pause")), "");
    },

    "writes a very long utterance down to its end": async (asr) => {
      ok(long.samples.length > 26 * SAMPLE_RATE);

      const text = await final(asr, marked(long.samples));

      ok(missing(long, text).length <= 0.15 * long.words.length, text);
      equal(words(text).at(-1), long.words.at(-1));
    },

    "does not mix two utterances heard at once": async (asr) => {
      const both = [first, second, first, second];

      const texts = await Promise.all(
        both.map(({ samples }) => final(asr, little(marked(samples)))),
      );

      for (const [i, text] of texts.entries()) {
        deepEqual(missing(both[i]!, text), [], text);
        equal(text, texts[i % 2]);
      }
    },

    "does not begin for a signal that has aborted": async (asr) => {
      const reason = new Error("too late");
      const audio = ReadableStream.from(marked(first.samples));

      const transcripts = asr.transcribe(audio, { signal: AbortSignal.abort(reason) });

      await rejects(Array.fromAsync(transcripts), (error) => error === reason);
      equal(audio.locked, false);
    },

    "releases an aborted caller and its audio at once, and works on for others": async (asr) => {
      const frames = [
        ...marked(first.samples),
        ...marked(new Float32Array(8 * FRAME_SAMPLES), "pause"),
      ];
      const other = final(asr, marked(second.samples));

      await promptly({ released: RELEASE_MS }, async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const audio = new ReadableStream<MarkedFrame>({
          start: (stream) => frames.forEach((frame) => stream.enqueue(frame)), // and no end
        });
        const dropped = Array.fromAsync(asr.transcribe(audio, { signal }));
        dropped.catch(() => {});
        await new Promise((resolve) => setTimeout(resolve));
        const abortedAt = performance.now();
        controller.abort();
        await rejects(dropped, (error) => error === signal.reason);
        equal(audio.locked, false);
        return { released: performance.now() - abortedAt };
      });

      deepEqual(missing(second, await other), []);
    },

    "releases an aborted caller who waits for audio": async (asr) => {
      const controller = new AbortController();
      let cancelled: unknown;
      const audio = new ReadableStream<MarkedFrame>({
        cancel: (reason) => void (cancelled = reason),
      });
      const { signal } = controller;
      const dropped = Array.fromAsync(asr.transcribe(audio, { signal }));
      dropped.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve));

      controller.abort("enough");

      await rejects(dropped, (error) => error === "enough");
      deepEqual([audio.locked, cancelled], [false, "enough"]);
    },

    "stops when its reader does": async (asr) => {
      const audio = ReadableStream.from(marked(first.samples));
      const transcripts = asr.transcribe(audio, { signal: never })[Symbol.asyncIterator]();
      const begun = await transcripts.next();

      await transcripts.return!();

      ok(!begun.done);
      deepEqual(await transcripts.next(), { done: true, value: undefined });
      equal(audio.locked, false);
    },

    "fails when its audio fails": async (asr) => {
      const frames = marked(first.samples).slice(0, 10);
      const audio = ReadableStream.from((async function* () {
        yield* frames;
        await Promise.resolve();
        throw new Error("microphone gone");
      })());

      await rejects(
        Array.fromAsync(asr.transcribe(audio, { signal: never })),
        /microphone gone/,
      );
      equal(audio.locked, false);
    },
  } satisfies Record<AsrContractTest, (asr: SpeechRecogniser) => Promise<void>>;

  Deno.test(`${name} is a speech recogniser`, async (t) => {
    await using asr = await create();

    for (const [test, run] of Object.entries(tests)) {
      await t.step({ ...declare(test, skip), fn: () => run(asr) });
    }
  });
}

const never = new AbortController().signal;

/** What a recogniser makes of an utterance in the end. */
async function final(
  asr: SpeechRecogniser,
  frames: Iterable<MarkedFrame> | AsyncIterable<MarkedFrame>,
): Promise<string> {
  let last: Transcript | undefined;
  for await (last of asr.transcribe(ReadableStream.from(frames), { signal: never }));
  return last!.text;
}

/** The frames, with a turn of the event loop between them. */
async function* little(frames: readonly MarkedFrame[]): AsyncGenerator<MarkedFrame> {
  for (const frame of frames) {
    await new Promise((resolve) => setTimeout(resolve));
    yield frame;
  }
}

/** The words that a text should have and has not. */
function missing(utterance: ContractUtterance, text: string): string[] {
  const heard = words(text);
  return utterance.words.filter((word) => !heard.includes(word));
}
