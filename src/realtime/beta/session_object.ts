import { z } from "zod";
import { BetaAudioFormat, toBetaFormat } from "@/realtime/beta/audio_format.ts";
import { BetaModalities, toBetaModalities } from "@/realtime/beta/modalities.ts";
import { BETA_TEMPERATURE } from "@/realtime/beta/temperature.ts";

import {
  RealtimeSessionObject,
  type SessionObject,
  TranscriptionSessionObject,
} from "@/realtime/session_object.ts";

const { shape } = RealtimeSessionObject;
const { input, output } = shape.audio.shape;

const inputFields = {
  input_audio_format: BetaAudioFormat,
  input_audio_transcription: input.shape.transcription,
  input_audio_noise_reduction: input.shape.noise_reduction,
  turn_detection: input.shape.turn_detection,
};

/** A session as the beta dialect shows it: flat. */
export const BetaRealtimeSession = z.object({
  object: shape.object,
  id: shape.id,
  model: shape.model,
  expires_at: shape.expires_at,
  modalities: BetaModalities,
  instructions: shape.instructions,
  voice: output.shape.voice,
  speed: output.shape.speed,
  ...inputFields,
  output_audio_format: BetaAudioFormat,
  tools: shape.tools,
  tool_choice: shape.tool_choice,
  temperature: z.number(),
  max_response_output_tokens: shape.max_output_tokens,
  tracing: shape.tracing,
});

/** A session that only listens, as the beta dialect shows it. */
export const BetaTranscriptionSession = z.object({
  object: TranscriptionSessionObject.shape.object,
  id: shape.id,
  expires_at: shape.expires_at,
  include: shape.include,
  ...inputFields,
});

/** A session of either type. */
export const BetaSessionObject = z.discriminatedUnion("object", [
  BetaRealtimeSession,
  BetaTranscriptionSession,
]);

/** {@inheritDoc BetaSessionObject} */
export type BetaSessionObject = z.infer<typeof BetaSessionObject>;

/** Writes a session for the beta dialect. */
export function toBetaSession(session: SessionObject): BetaSessionObject {
  const { id, expires_at, include } = session;
  if (session.type === "transcription") {
    return { object: session.object, id, expires_at, include, ...toBetaInput(session) };
  }
  const { output } = session.audio;
  return {
    object: session.object,
    id,
    model: session.model,
    expires_at,
    modalities: toBetaModalities(session.output_modalities),
    instructions: session.instructions,
    voice: output.voice,
    speed: output.speed,
    ...toBetaInput(session),
    output_audio_format: toBetaFormat(output.format),
    tools: session.tools,
    tool_choice: session.tool_choice,
    temperature: session.temperature ?? BETA_TEMPERATURE,
    max_response_output_tokens: session.max_output_tokens,
    tracing: session.tracing,
  };
}

function toBetaInput({ audio: { input } }: SessionObject) {
  return {
    input_audio_format: toBetaFormat(input.format),
    input_audio_transcription: input.transcription,
    input_audio_noise_reduction: input.noise_reduction,
    turn_detection: input.turn_detection,
  };
}
