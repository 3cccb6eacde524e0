import { fromSegments } from "@/engines/asr/from_segments.ts";
import type { LanguageModel } from "@/engines/llm/engine.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import type { Engines } from "@/conversation/context.ts";
import { loudnessDetector } from "../fakes/loudness_detector.ts";

/** Sentences of a reply, and seconds of speech: one each. */
export const REPLY_SECONDS = 4;

/** Of the synthesiser, in Hz. Not the wire's, so that the resampler works as it does for Flite. */
const RATE = 16_000;

const speech = Float32Array.from({ length: RATE }, (_, i) => 0.3 * Math.sin(i / 10));

const llm: LanguageModel = {
  name: "zero",
  async *reply() {
    for (let i = 1; i <= REPLY_SECONDS; i++) {
      for (const word of `This is sentence number ${i}. `.split(/(?<= )/)) {
        yield { kind: "text", text: word };
      }
    }
    yield { kind: "end", reason: "stop" };
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

const tts: SpeechSynthesiser = {
  name: "zero",
  voices: ["zero"],
  async *synthesize() {
    yield { samples: speech.slice(), sampleRate: RATE };
  },
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Engines that take no time: what is left is the server's own. Loud is speech, and all speech says the same. */
export const zeroEngines: Engines = {
  vad: loudnessDetector,
  asr: fromSegments({
    name: "zero",
    recognise: () => Promise.resolve("Tell me something."),
    dispose: () => Promise.resolve(),
  }),
  llm,
  tts,
};
