import type { Engines } from "@/conversation/context.ts";
import { fromSegments } from "@/engines/asr/from_segments.ts";
import type { Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { loudnessDetector } from "./loudness_detector.ts";
import { ScriptedSynthesiser, spokenText } from "./scripted_synthesiser.ts";

/** What the fast engines do otherwise. */
export interface FastEnginesOptions {
  /** What the model replies. By default it repeats the user's last words. */
  readonly reply?: (prompt: Prompt, options: { signal: AbortSignal }) => AsyncIterable<ReplyPart>;
  /** What the recogniser makes of samples. By default it reads the tones. */
  readonly recognise?: (samples: Float32Array) => Promise<string>;
}

/** Engines that take no time, and what they were asked. */
export interface FastEngines {
  readonly engines: Engines;
  /** What the model was asked, oldest first. */
  readonly prompts: readonly Prompt[];
  /** Knows what it was asked to speak. */
  readonly tts: ScriptedSynthesiser;
}

/** Makes engines that speak and hear in tones: whatever is loud is speech. */
export function createFastEngines(
  { reply = echo, recognise = readTones }: FastEnginesOptions = {},
): FastEngines {
  const prompts: Prompt[] = [];
  const nothing = () => Promise.resolve();
  const tts = new ScriptedSynthesiser();
  return {
    prompts,
    tts,
    engines: {
      vad: loudnessDetector,
      asr: fromSegments({ name: "tones", recognise, dispose: nothing }),
      llm: {
        name: "echo",
        reply(prompt, { signal }) {
          prompts.push(prompt);
          return reply(prompt, { signal });
        },
        [Symbol.asyncDispose]: nothing,
      },
      tts,
    },
  };
}

/** The default model: one part of text and the end. */
export async function* echo({ messages }: Prompt): AsyncGenerator<ReplyPart> {
  const last = messages.at(-1);
  yield { kind: "text", text: last !== undefined && "text" in last ? `${last.text}.` : "Hello." };
  yield { kind: "end", reason: "stop" };
}

/** Reads the first tone to the last. */
export function readTones(samples: Float32Array): Promise<string> {
  const first = samples.findIndex((sample) => Math.abs(sample) > 0.01);
  return Promise.resolve(first < 0 ? "" : spokenText(samples.subarray(first)).trim());
}
