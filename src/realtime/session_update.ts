import { z } from "zod";
import {
  AudioFormat,
  defaultSettings,
  MaxOutputTokens,
  NoiseReduction,
  OutputModalities,
  Reasoning,
  SessionSettings,
  Temperature,
  ToolChoice,
  Transcription,
  TurnDetection,
} from "@/conversation/settings.ts";
import { presentFields } from "@/realtime/present_fields.ts";
import { toFunctionTools, ToolInput } from "@/realtime/tool_input.ts";
import { toVoice, VoiceInput } from "@/realtime/voice_input.ts";

/** Longest instructions of a session, and longest JSON of its tools, in characters: 256 KiB of plain text. */
const MAX_TEXT = 262_144;

/**
 * The `session` of a `session.update`: what is absent stays, `null` clears. `model` is not among the fields: it
 * cannot change, and is ignored like every unknown field.
 */
export const SessionPatch = z.object({
  type: z.enum(["realtime", "transcription"]),
  instructions: z.string().max(MAX_TEXT, `It may have ${MAX_TEXT} characters at most`).nullish(),
  output_modalities: OutputModalities.nullish(),
  tools: z.array(ToolInput).refine((tools) => JSON.stringify(tools).length <= MAX_TEXT, {
    error: `They may have ${MAX_TEXT} characters of JSON at most`,
  }).nullish(),
  tool_choice: ToolChoice.nullish(),
  max_output_tokens: MaxOutputTokens.nullish(),
  tracing: SessionSettings.shape.tracing.optional(),
  truncation: SessionSettings.shape.truncation.optional(),
  prompt: SessionSettings.shape.prompt.optional(),
  include: SessionSettings.shape.include.optional(),
  reasoning: Reasoning.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  temperature: Temperature.nullish(),
  audio: z.object({
    input: z.object({
      format: AudioFormat.nullish(),
      transcription: Transcription.nullish(),
      noise_reduction: NoiseReduction.nullish(),
      turn_detection: TurnDetection.nullish(),
    }).nullish(),
    output: z.object({
      format: AudioFormat.nullish(),
      voice: VoiceInput.nullish(),
      speed: z.number().min(0.25).max(1.5).nullish(),
    }).nullish(),
  }).nullish(),
});

/** {@inheritDoc SessionPatch} */
export type SessionPatch = z.infer<typeof SessionPatch>;

/**
 * Merges an update into the settings, field by field, and returns new ones: a present field replaces, a
 * `turn_detection` or `format` as a whole; `null` is the protocol's default, which is nothing for texts, tools,
 * transcription, noise reduction and turn detection. A session that becomes one of type `transcription`
 * transcribes unless the update says otherwise.
 *
 * @throws {InvalidRequest} if it asks for what is not served
 */
export function applySessionUpdate(
  current: SessionSettings,
  patch: SessionPatch,
): SessionSettings {
  const fresh = defaultSettings({
    type: patch.type,
    model: current.model,
    instructions: "",
    voice: current.audio.output.voice,
  });
  const input = patch.audio?.input;
  const output = patch.audio?.output;
  const becomes = patch.type !== current.type;
  return {
    type: patch.type,
    model: current.model,
    instructions: merge(patch.instructions, current.instructions, fresh.instructions),
    output_modalities: merge(
      patch.output_modalities,
      current.output_modalities,
      fresh.output_modalities,
    ),
    tools: patch.tools
      ? toFunctionTools(patch.tools, "session.tools")
      : merge(patch.tools, current.tools, fresh.tools),
    tool_choice: merge(patch.tool_choice, current.tool_choice, fresh.tool_choice),
    max_output_tokens: merge(
      patch.max_output_tokens,
      current.max_output_tokens,
      fresh.max_output_tokens,
    ),
    tracing: merge(patch.tracing, current.tracing, fresh.tracing),
    truncation: merge(patch.truncation, current.truncation, fresh.truncation),
    prompt: merge(patch.prompt, current.prompt, fresh.prompt),
    include: merge(patch.include, current.include, fresh.include),
    ...presentFields({
      reasoning: merge(patch.reasoning, current.reasoning, undefined),
      parallel_tool_calls: merge(patch.parallel_tool_calls, current.parallel_tool_calls, undefined),
      temperature: merge(patch.temperature, current.temperature, undefined),
    }),
    audio: {
      input: {
        format: merge(input?.format, current.audio.input.format, fresh.audio.input.format),
        transcription: merge(
          input?.transcription,
          current.audio.input.transcription ?? (becomes ? fresh.audio.input.transcription : null),
          null,
        ),
        noise_reduction: merge(
          input?.noise_reduction && { ...strengthOf(current), ...input.noise_reduction },
          current.audio.input.noise_reduction,
          null,
        ),
        turn_detection: merge(input?.turn_detection, current.audio.input.turn_detection, null),
      },
      output: {
        format: merge(output?.format, current.audio.output.format, fresh.audio.output.format),
        voice: output?.voice ? toVoice(output.voice) : current.audio.output.voice,
        speed: merge(output?.speed, current.audio.output.speed, fresh.audio.output.speed),
      },
    },
  };
}

/** Of the noise reduction: stays until another is named. */
function strengthOf({ audio: { input } }: SessionSettings) {
  const { strength } = input.noise_reduction ?? {};
  return strength === undefined ? {} : { strength };
}

function merge<T>(patch: T | null | undefined, current: T, cleared: T): T {
  if (patch === undefined) return current;
  return patch === null ? cleared : patch;
}
