import { z } from "zod";

/** How far an item has come. */
export const ItemStatus = z.enum(["in_progress", "completed", "incomplete"]);

const SystemContent = z.object({ type: z.literal("input_text"), text: z.string() });

const UserContent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("input_text"), text: z.string() }),
  z.object({
    type: z.literal("input_audio"),
    transcript: z.string().nullable().describe(
      "What was said; `null` until it is known. Never absent: clients crash on that.",
    ),
  }),
]);

const AssistantContent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("output_text"), text: z.string() }),
  z.object({
    type: z.literal("output_audio"),
    transcript: z.string().describe(
      "The words that were heard, not the words that were generated.",
    ),
  }),
]);

const base = { id: z.string(), object: z.literal("realtime.item"), status: ItemStatus };

/** What a system message, the user, or the assistant said. */
export const MessageItem = z.discriminatedUnion("role", [
  z.object({
    ...base,
    type: z.literal("message"),
    role: z.literal("system"),
    content: z.array(SystemContent),
  }),
  z.object({
    ...base,
    type: z.literal("message"),
    role: z.literal("user"),
    content: z.array(UserContent),
  }),
  z.object({
    ...base,
    type: z.literal("message"),
    role: z.literal("assistant"),
    content: z.array(AssistantContent),
  }),
]);

/** A function the assistant calls. `arguments` is `""` while in progress, then a JSON object in text. */
export const FunctionCallItem = z.object({
  ...base,
  type: z.literal("function_call"),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});

/** What the client's function answered. */
export const FunctionCallOutputItem = z.object({
  ...base,
  type: z.literal("function_call_output"),
  call_id: z.string(),
  output: z.string(),
});

/**
 * An item of the conversation: the GA shape of the Realtime protocol, which is also how it is stored.
 * It holds no audio.
 */
export const Item = z.union([MessageItem, FunctionCallItem, FunctionCallOutputItem]);

/** {@inheritDoc Item} */
export type Item = z.infer<typeof Item>;
/** {@inheritDoc MessageItem} */
export type MessageItem = z.infer<typeof MessageItem>;
/** {@inheritDoc FunctionCallItem} */
export type FunctionCallItem = z.infer<typeof FunctionCallItem>;
/** {@inheritDoc ItemStatus} */
export type ItemStatus = z.infer<typeof ItemStatus>;
