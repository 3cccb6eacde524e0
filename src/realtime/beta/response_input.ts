import { z } from "zod";
import { BetaAudioFormat, fromBetaFormat } from "@/realtime/beta/audio_format.ts";
import { BetaItemInput, fromBetaItem } from "@/realtime/beta/item_input.ts";
import { BetaModalities, fromBetaModalities } from "@/realtime/beta/modalities.ts";
import { ResponseInput } from "@/realtime/response_input.ts";

const { audio, conversation, input, instructions, max_output_tokens, metadata, ...shape } =
  ResponseInput.shape;
const { voice } = audio.unwrap().unwrap().shape.output.unwrap().unwrap().shape;
const [, reference] = input.unwrap().unwrap().element.options;

/** The `response` of a `response.create` of the beta dialect. */
export const BetaResponseInput = z.object({
  modalities: BetaModalities.nullish(),
  instructions,
  voice,
  output_audio_format: BetaAudioFormat.nullish(),
  tools: shape.tools,
  tool_choice: shape.tool_choice,
  temperature: shape.temperature,
  max_response_output_tokens: max_output_tokens,
  metadata,
  conversation,
  input: z.array(z.discriminatedUnion("type", [BetaItemInput, reference])).nullish(),
});

/** {@inheritDoc BetaResponseInput} */
export type BetaResponseInput = z.infer<typeof BetaResponseInput>;

/** Makes a GA request of it. */
export function fromBetaResponseInput(response: BetaResponseInput): ResponseInput {
  return {
    instructions: response.instructions,
    output_modalities: response.modalities && fromBetaModalities(response.modalities),
    tools: response.tools,
    tool_choice: response.tool_choice,
    temperature: response.temperature,
    max_output_tokens: response.max_response_output_tokens,
    audio: {
      output: {
        format: response.output_audio_format && fromBetaFormat(response.output_audio_format),
        voice: response.voice,
      },
    },
    metadata: response.metadata,
    conversation: response.conversation,
    input: response.input?.map((each) =>
      each.type === "item_reference" ? each : fromBetaItem(each)
    ),
  };
}
