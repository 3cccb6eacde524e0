import { z } from "zod";
import { BetaAudioFormat, fromBetaFormat } from "@/realtime/beta/audio_format.ts";
import { BetaModalities, fromBetaModalities } from "@/realtime/beta/modalities.ts";
import { SessionPatch } from "@/realtime/session_update.ts";

const { audio, instructions, max_output_tokens, temperature, tool_choice, tools, tracing } =
  SessionPatch.shape;
const { input, output } = audio.unwrap().unwrap().shape;
const { noise_reduction, transcription, turn_detection } = input.unwrap().unwrap().shape;
const { speed, voice } = output.unwrap().unwrap().shape;

const inputFields = {
  input_audio_format: BetaAudioFormat.nullish(),
  input_audio_transcription: transcription,
  input_audio_noise_reduction: noise_reduction,
  turn_detection,
};

/** The `session` of a `session.update` of the beta dialect: flat, and without a type. */
export const BetaSessionPatch = z.object({
  modalities: BetaModalities.nullish(),
  instructions,
  voice,
  speed,
  ...inputFields,
  output_audio_format: BetaAudioFormat.nullish(),
  tools,
  tool_choice,
  temperature,
  max_response_output_tokens: max_output_tokens,
  tracing,
});

/** The `session` of a `transcription_session.update`. */
export const BetaTranscriptionPatch = z.object({
  ...inputFields,
  include: SessionPatch.shape.include,
});

/** {@inheritDoc BetaSessionPatch} */
export type BetaSessionPatch = z.infer<typeof BetaSessionPatch>;
/** {@inheritDoc BetaTranscriptionPatch} */
export type BetaTranscriptionPatch = z.infer<typeof BetaTranscriptionPatch>;

/** Makes a GA update of it. */
export function fromBetaPatch(patch: BetaSessionPatch): SessionPatch {
  return {
    type: "realtime",
    instructions: patch.instructions,
    output_modalities: patch.modalities && fromBetaModalities(patch.modalities),
    tools: patch.tools,
    tool_choice: patch.tool_choice,
    max_output_tokens: patch.max_response_output_tokens,
    temperature: patch.temperature,
    tracing: patch.tracing,
    audio: {
      input: fromBetaInput(patch),
      output: {
        format: patch.output_audio_format && fromBetaFormat(patch.output_audio_format),
        voice: patch.voice,
        speed: patch.speed,
      },
    },
  };
}

/** Makes a GA update of it: to a session that only listens. */
export function fromBetaTranscriptionPatch(patch: BetaTranscriptionPatch): SessionPatch {
  return { type: "transcription", include: patch.include, audio: { input: fromBetaInput(patch) } };
}

function fromBetaInput(patch: Pick<BetaSessionPatch, keyof typeof inputFields>) {
  return {
    format: patch.input_audio_format && fromBetaFormat(patch.input_audio_format),
    transcription: patch.input_audio_transcription,
    noise_reduction: patch.input_audio_noise_reduction,
    turn_detection: patch.turn_detection,
  };
}

const BETA_KEYS = Object.keys(BetaSessionPatch.shape).filter((key) => !(key in SessionPatch.shape));

/**
 * Whether a `session.update` is written in the beta dialect, whatever its connection speaks: some clients
 * connect as GA clients and go on as beta ones. It says no type of session, and has a field that GA has not.
 */
export function isBetaPatch(session: unknown): boolean {
  return typeof session === "object" && session !== null && !("type" in session) &&
    BETA_KEYS.some((key) => key in session);
}
