import type { EngineRegistry } from "@/engines/engine.ts";
import type { LanguageModel } from "@/engines/llm/engine.ts";

/** Every language model there is. To add one: a file, and a line here. */
export const LANGUAGE_MODELS = {
  openai: async (config) => (await import("@/engines/llm/openai.ts")).createOpenAiModel(config),
  scripted: async () => (await import("./scripted.ts")).createScripted(),
} satisfies EngineRegistry<LanguageModel>;
