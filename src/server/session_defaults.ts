import type { Config } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import type { SessionDefaults } from "@/conversation/settings.ts";

/** What a session begins with whose client says nothing. */
export function sessionDefaults(
  { voice, instructions }: Pick<Config, "voice" | "instructions">,
  { tts }: Pick<Engines, "tts">,
): SessionDefaults {
  return { model: "chatai", instructions, voice: voice ?? tts.voices[0] ?? "default" };
}
