import { z } from "zod";
import type { SessionView } from "@/conversation/client.ts";
import { SessionSettings } from "@/conversation/settings.ts";

/** A session as the wire shows it: all its settings, always complete, and what never changes. */
export const SessionObject = SessionSettings.extend({
  object: z.literal("realtime.session"),
  id: z.string(),
  /** Unix seconds. */
  expires_at: z.number().int(),
});

/** {@inheritDoc SessionObject} */
export type SessionObject = z.infer<typeof SessionObject>;

/** Writes a session for the wire. */
export function toSessionObject({ id, settings, expiresAt }: SessionView): SessionObject {
  return {
    type: settings.type,
    object: "realtime.session",
    id,
    model: settings.model,
    expires_at: Math.floor(expiresAt),
    instructions: settings.instructions,
    output_modalities: settings.output_modalities,
    tools: settings.tools,
    tool_choice: settings.tool_choice,
    max_output_tokens: settings.max_output_tokens,
    tracing: settings.tracing,
    truncation: settings.truncation,
    prompt: settings.prompt,
    include: settings.include,
    audio: settings.audio,
  };
}
