import { z } from "zod";
import { Item } from "@/conversation/item.ts";
import {
  AudioFormat,
  FunctionTool,
  MaxOutputTokens,
  OutputModalities,
  Temperature,
  ToolChoice,
} from "@/conversation/settings.ts";

/** What one response does otherwise than its session; absent means as the session does. */
export const ResponseOverrides = z.object({
  instructions: z.string(),
  output_modalities: OutputModalities,
  tools: z.array(FunctionTool),
  tool_choice: ToolChoice,
  max_output_tokens: MaxOutputTokens,
  /** Echoed in the response, never used. */
  temperature: Temperature,
  audio: z.object({
    output: z.object({ format: AudioFormat, voice: z.string() }).partial(),
  }),
  /** Echoed in the response, never used. At most 16 pairs. */
  metadata: z.record(z.string().max(64), z.string().max(512)).nullable(),
  /** `none`: out of band. Nothing of it is stored, and it may run beside another response. */
  conversation: z.enum(["auto", "none"]),
  /** Replaces the conversation as the model's context; `[]` is an empty one. */
  input: z.array(z.union([
    Item,
    z.object({ type: z.literal("item_reference"), id: z.string() }),
  ])),
}).partial();

/** {@inheritDoc ResponseOverrides} */
export type ResponseOverrides = z.infer<typeof ResponseOverrides>;
