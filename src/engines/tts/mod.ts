import type { EngineRegistry } from "@/engines/engine.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";

/** Every speech synthesiser there is. To add one: a file, and a line here. */
export const SPEECH_SYNTHESISERS = {
  coqui: async (config) => (await import("./coqui.ts")).createCoqui(config),
  edge: async (config) => (await import("./edge.ts")).createEdge(config),
  flite: async (config) => (await import("./flite.ts")).createFlite(config),
  openai: async (config) => (await import("./openai.ts")).createOpenAiSynthesiser(config),
} satisfies EngineRegistry<SpeechSynthesiser>;
