import type { EngineRegistry } from "@/engines/engine.ts";
import type { SpeechRecogniser } from "@/engines/asr/engine.ts";

/** Every speech recogniser there is. To add one: a file, and a line here. */
export const SPEECH_RECOGNISERS = {
  moonshine: async (config) => (await import("@/engines/asr/moonshine.ts")).createMoonshine(config),
  openai: async (config) =>
    (await import("@/engines/asr/openai.ts")).createOpenAiRecogniser(config),
  funasr: async (config) => (await import("@/engines/asr/funasr.ts")).createFunAsr(config),
  whisper: async (config) => (await import("@/engines/asr/whisper.ts")).createWhisper(config),
} satisfies EngineRegistry<SpeechRecogniser>;
