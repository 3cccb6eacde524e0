import { z } from "zod";

/** Encoding of audio on the wire: 16-bit little-endian PCM, or G.711 at 8 kHz. Mono. */
export const AudioFormat = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("audio/pcm"),
    rate: z.union([
      z.literal(8000),
      z.literal(16000),
      z.literal(22050),
      z.literal(24000),
      z.literal(44100),
      z.literal(48000),
    ]).default(24000).describe("Hz. Only 24000 is OpenAI's; the others are our extension."),
  }),
  z.object({ type: z.literal("audio/pcmu") }),
  z.object({ type: z.literal("audio/pcma") }),
]);

const turnPolicy = {
  create_response: z.boolean().default(true).describe("Answer by itself when a turn ends."),
  interrupt_response: z.boolean().default(true).describe("Speech interrupts the answer."),
  min_speech_ms: z.number().int().min(0).max(2000).optional().describe(
    "Our extension: speech shorter than this, in ms, is a cough, which starts no turn and interrupts nothing. " +
      "Less is quicker to interrupt and easier to disturb. 100 where a client does not say.",
  ),
};

/** How a turn is found in the audio. */
export const TurnDetection = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("server_vad"),
    threshold: z.number().min(0).max(1).default(0.5).describe(
      "Probability of speech above which a frame is speech, 0 to 1.",
    ),
    prefix_padding_ms: z.number().int().min(0).max(5000).default(300).describe(
      "Audio kept from before the first speech, in ms.",
    ),
    silence_duration_ms: z.number().int().min(0).max(10_000).default(500).describe(
      "Silence that ends a turn, in ms.",
    ),
    idle_timeout_ms: z.number().int().min(100).max(600_000).nullable().default(null).describe(
      "Silence after a response until the server speaks again by itself, in ms; `null` is never.",
    ),
    ...turnPolicy,
  }),
  z.object({
    type: z.literal("semantic_vad"),
    eagerness: z.enum(["auto", "low", "medium", "high"]).default("auto").describe(
      "How soon an unfinished sentence is answered all the same: after 8, 4 or 2 s. `auto` is `medium`.",
    ),
    ...turnPolicy,
  }),
]);

/** What the client wants to be told of what the user said. Any model name is accepted and echoed. */
export const Transcription = z.looseObject({
  model: z.string().optional(),
  language: z.string().optional(),
  prompt: z.string().optional(),
});

/** Noise reduction for the VAD's copy of the audio. */
export const NoiseReduction = z.looseObject({
  type: z.enum(["near_field", "far_field"]),
  strength: z.number().min(0).optional().describe("Echoed, never used."),
});

/** A function the model may call. */
export const FunctionTool = z.looseObject({
  type: z.literal("function"),
  name: z.string().min(1),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});

/** Whether and what the model calls. */
export const ToolChoice = z.union([
  z.enum(["auto", "none", "required"]),
  z.object({ type: z.literal("function"), name: z.string() }),
]);

/** Sound and transcript, or text alone; never both as separate modalities. */
export const OutputModalities = z.union([
  z.tuple([z.literal("audio")]),
  z.tuple([z.literal("text")]),
]);

/** Upper bound of a reply, in tokens. */
export const MaxOutputTokens = z.union([z.number().int().min(1).max(4096), z.literal("inf")]);

/** How freely the model chooses its words. Accepted and echoed: no engine reads it. */
export const Temperature = z.number().min(0).max(2);

/** How much the model thinks before it speaks. Accepted and echoed: no engine reads it. */
export const Reasoning = z.looseObject({ effort: z.string().optional() });

const Ignored = z.unknown().describe("Accepted and echoed, never used.");

/**
 * The settings of a session: the GA shape of the Realtime protocol without the fields that never change
 * (`id`, `object`, `expires_at`). Always complete. Also how it is stored.
 */
export const SessionSettings = z.object({
  type: z.enum(["realtime", "transcription"]),
  model: z.string(),
  instructions: z.string(),
  output_modalities: OutputModalities,
  tools: z.array(FunctionTool),
  tool_choice: ToolChoice,
  max_output_tokens: MaxOutputTokens,
  tracing: Ignored,
  truncation: Ignored,
  prompt: Ignored,
  include: Ignored,
  reasoning: Reasoning.optional().describe("Echoed where it was given, never used."),
  parallel_tool_calls: z.boolean().optional().describe("Echoed where it was given, never used."),
  temperature: Temperature.optional().describe("Echoed where it was given, never used."),
  audio: z.object({
    input: z.object({
      format: AudioFormat,
      transcription: Transcription.nullable(),
      noise_reduction: NoiseReduction.nullable(),
      turn_detection: TurnDetection.nullable(),
    }),
    output: z.object({
      format: AudioFormat,
      voice: z.string(),
      speed: z.number().min(0.25).max(1.5).describe("1 is natural."),
    }),
  }),
});

/** {@inheritDoc SessionSettings} */
export type SessionSettings = z.infer<typeof SessionSettings>;
/** {@inheritDoc AudioFormat} */
export type AudioFormat = z.infer<typeof AudioFormat>;
/** {@inheritDoc TurnDetection} */
export type TurnDetection = z.infer<typeof TurnDetection>;

/** What a new session begins with, as far as its client says nothing else. */
export interface SessionDefaults {
  /** `transcription`: a session that only listens, and tells what it hears. @default {"realtime"} */
  readonly type?: SessionSettings["type"] | undefined;
  readonly model: string;
  readonly instructions: string;
  readonly voice: string;
}

/** The settings of a session whose client has said nothing yet. */
export function defaultSettings(
  { type = "realtime", model, instructions, voice }: SessionDefaults,
): SessionSettings {
  return {
    type,
    model,
    instructions,
    output_modalities: ["audio"],
    tools: [],
    tool_choice: "auto",
    max_output_tokens: "inf",
    tracing: null,
    truncation: "auto",
    prompt: null,
    include: null,
    audio: {
      input: {
        format: { type: "audio/pcm", rate: 24000 },
        transcription: type === "transcription" ? {} : null,
        noise_reduction: null,
        turn_detection: TurnDetection.parse({ type: "server_vad" }),
      },
      output: { format: { type: "audio/pcm", rate: 24000 }, voice, speed: 1 },
    },
  };
}
