import { z } from "zod";
import type { ResponseOverrides } from "@/conversation/overrides.ts";
import {
  AudioFormat,
  MaxOutputTokens,
  OutputModalities,
  Temperature,
  ToolChoice,
} from "@/conversation/settings.ts";
import { InvalidRequest } from "@/errors.ts";
import { ItemInput, toItem } from "@/realtime/item_input.ts";
import { presentFields } from "@/realtime/present_fields.ts";
import { toFunctionTools, ToolInput } from "@/realtime/tool_input.ts";
import { toVoice, VoiceInput } from "@/realtime/voice_input.ts";

/** Most pairs of a response's metadata. */
const MAX_METADATA = 16;

/** The `response` of a `response.create`. What is absent or `null` is as the session has it. */
export const ResponseInput = z.object({
  instructions: z.string().nullish(),
  output_modalities: OutputModalities.nullish(),
  tools: z.array(ToolInput).nullish(),
  tool_choice: ToolChoice.nullish(),
  max_output_tokens: MaxOutputTokens.nullish(),
  temperature: Temperature.nullish(),
  audio: z.object({
    output: z.object({ format: AudioFormat.nullish(), voice: VoiceInput.nullish() }).nullish(),
  }).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish().describe(
    "Echoed in the response. At most 16 pairs.",
  ),
  conversation: z.enum(["auto", "none"]).nullish(),
  input: z.array(z.discriminatedUnion("type", [
    ItemInput,
    z.object({ type: z.literal("item_reference"), id: z.string() }),
  ])).nullish(),
});

/** {@inheritDoc ResponseInput} */
export type ResponseInput = z.infer<typeof ResponseInput>;

/**
 * What a client asks of one response, as the conversation understands it.
 *
 * @throws {InvalidRequest} if it asks for what is not served
 */
export function toOverrides(input: ResponseInput): ResponseOverrides {
  const { metadata } = input;
  if (metadata && Object.keys(metadata).length > MAX_METADATA) {
    throw new InvalidRequest(
      `Invalid value for 'response.metadata': at most ${MAX_METADATA} pairs.`,
      { code: "invalid_value", param: "response.metadata" },
    );
  }
  const format = input.audio?.output?.format;
  const voice = input.audio?.output?.voice ?? undefined;
  return presentFields({
    instructions: input.instructions,
    output_modalities: input.output_modalities,
    tools: input.tools && toFunctionTools(input.tools, "response.tools"),
    tool_choice: input.tool_choice,
    max_output_tokens: input.max_output_tokens,
    temperature: input.temperature,
    audio: input.audio?.output &&
      { output: presentFields({ format, voice: voice && toVoice(voice) }) },
    metadata,
    conversation: input.conversation,
    input: input.input?.map((each, i) =>
      each.type === "item_reference" ? each : toItem(each, `response.input[${i}]`)
    ),
  });
}
