import { z } from "zod";

/** A voice as a client writes it: its name, or an object that holds it. Unknown names mean the default voice. */
export const VoiceInput = z.union([
  z.string().min(1).max(256),
  z.object({ id: z.string().min(1).max(256) }),
]);

/** {@inheritDoc VoiceInput} */
export type VoiceInput = z.infer<typeof VoiceInput>;

/** The name of a voice. */
export function toVoice(voice: VoiceInput): string {
  return typeof voice === "string" ? voice : voice.id;
}
