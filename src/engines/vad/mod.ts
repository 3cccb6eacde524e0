import type { EngineRegistry } from "@/engines/engine.ts";
import type { VoiceActivityDetector } from "@/engines/vad/engine.ts";

/** Every voice activity detector there is. To add one: a file, and a line here. */
export const VOICE_ACTIVITY_DETECTORS = {
  silero: async (config) => (await import("@/engines/vad/silero.ts")).createSilero(config),
} satisfies EngineRegistry<VoiceActivityDetector>;
