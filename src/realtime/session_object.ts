import { z } from "zod";
import type { SessionView } from "@/conversation/client.ts";
import { SessionSettings } from "@/conversation/settings.ts";
import { presentFields } from "@/realtime/present_fields.ts";

const unchanging = {
  id: z.string(),
  expires_at: z.number().int().describe("Unix seconds."),
};

/** A session that converses, as the wire shows it: all its settings, always complete, and what never changes. */
export const RealtimeSessionObject = SessionSettings.extend({
  type: z.literal("realtime"),
  object: z.literal("realtime.session"),
  ...unchanging,
});

/** A session that only listens, as the wire shows it: what is about its input. */
export const TranscriptionSessionObject = z.object({
  type: z.literal("transcription"),
  object: z.literal("realtime.transcription_session"),
  ...unchanging,
  include: SessionSettings.shape.include,
  audio: SessionSettings.shape.audio.pick({ input: true }),
});

/** A session of either type. */
export const SessionObject = z.discriminatedUnion("type", [
  RealtimeSessionObject,
  TranscriptionSessionObject,
]);

/** {@inheritDoc SessionObject} */
export type SessionObject = z.infer<typeof SessionObject>;

/** Writes a session for the wire. */
export function toSessionObject({ id, settings, expiresAt }: SessionView): SessionObject {
  const expires_at = Math.floor(expiresAt);
  const { type, include, audio } = settings;
  if (type === "transcription") {
    return {
      type,
      object: "realtime.transcription_session",
      id,
      expires_at,
      include,
      audio: { input: audio.input },
    };
  }
  return {
    type,
    object: "realtime.session",
    id,
    model: settings.model,
    expires_at,
    instructions: settings.instructions,
    output_modalities: settings.output_modalities,
    tools: settings.tools,
    tool_choice: settings.tool_choice,
    max_output_tokens: settings.max_output_tokens,
    tracing: settings.tracing,
    truncation: settings.truncation,
    prompt: settings.prompt,
    include,
    ...presentFields({
      reasoning: settings.reasoning,
      parallel_tool_calls: settings.parallel_tool_calls,
      temperature: settings.temperature,
    }),
    audio,
  };
}
