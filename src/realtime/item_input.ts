import { z } from "zod";
import { newId } from "@/conversation/ids.ts";
import { type Item, ItemStatus } from "@/conversation/item.ts";
import { InvalidRequest } from "@/errors.ts";
import { decodeBase64 } from "@/realtime/base64.ts";

/** Longest id of a client's own, in characters. */
const MAX_ID = 256;

const base = {
  id: z.string().min(1).max(MAX_ID)
    .refine((id) => id !== "root", "'root' is the beginning of the conversation, and no item")
    .nullish().describe("The server makes one where the client brings none."),
  status: ItemStatus.nullish().describe(
    "Only `incomplete` is kept: an item from a client is otherwise complete.",
  ),
};

const InputText = z.object({ type: z.literal("input_text"), text: z.string() });

const UserPart = z.discriminatedUnion("type", [
  InputText,
  z.object({
    type: z.literal("input_audio"),
    transcript: z.string().nullish().describe("What is said in it, if the client knows."),
    audio: z.string().nullish().describe(
      "Base64 in the session's input format. It is written down where there is no transcript; nothing may stand beside it.",
    ),
  }),
  /** Refused: no engine sees images. */
  z.object({ type: z.literal("input_image") }),
]);

const AssistantPart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("output_text"), text: z.string() }),
  z.object({ type: z.literal("output_audio"), transcript: z.string().nullish() }),
]);

/** An item as a client writes it: what the server can fill in may be absent. */
export const ItemInput = z.discriminatedUnion("type", [
  z.discriminatedUnion("role", [
    z.object({
      ...base,
      type: z.literal("message"),
      role: z.literal("system"),
      content: z.array(InputText),
    }),
    z.object({
      ...base,
      type: z.literal("message"),
      role: z.literal("user"),
      content: z.array(UserPart),
    }),
    z.object({
      ...base,
      type: z.literal("message"),
      role: z.literal("assistant"),
      content: z.array(AssistantPart),
    }),
  ]),
  z.object({
    ...base,
    type: z.literal("function_call"),
    call_id: z.string().min(1).max(MAX_ID).nullish(),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.object({
    ...base,
    type: z.literal("function_call_output"),
    call_id: z.string().min(1),
    output: z.string(),
  }),
]);

/** {@inheritDoc ItemInput} */
export type ItemInput = z.infer<typeof ItemInput>;

/**
 * Makes a whole item of what a client wrote.
 *
 * @param path Where the item stands in the event, e.g. `"item"`, for the error.
 * @throws {InvalidRequest} `unsupported` if it holds an image
 */
export function toItem(input: ItemInput, path: string): Item {
  const common = {
    id: input.id ?? newId("item"),
    object: "realtime.item",
    status: input.status === "incomplete" ? "incomplete" : "completed",
  } as const;
  switch (input.type) {
    case "function_call":
      return {
        ...common,
        type: input.type,
        call_id: input.call_id ?? newId("call"),
        name: input.name,
        arguments: input.arguments,
      };
    case "function_call_output":
      return { ...common, type: input.type, call_id: input.call_id, output: input.output };
    case "message":
      switch (input.role) {
        case "system":
          return { ...common, type: input.type, role: input.role, content: input.content };
        case "user":
          return {
            ...common,
            type: input.type,
            role: input.role,
            content: input.content.map((part, i) => toUserPart(part, `${path}.content[${i}]`)),
          };
        case "assistant":
          return {
            ...common,
            type: input.type,
            role: input.role,
            content: input.content.map((part) =>
              part.type === "output_text"
                ? part
                : { type: part.type, transcript: part.transcript ?? "" }
            ),
          };
      }
  }
}

/**
 * The audio of an item that is to be written down: what a client recorded itself.
 *
 * @param path As for {@linkcode toItem}.
 * @throws {InvalidRequest} if it is no base64, or not all there is in the item
 */
export function toItemAudio(input: ItemInput, path: string): Uint8Array<ArrayBuffer> | undefined {
  if (input.type !== "message" || input.role !== "user") return undefined;
  for (const [i, part] of input.content.entries()) {
    if (part.type !== "input_audio" || !part.audio || part.transcript) continue;
    const param = `${path}.content[${i}].audio`;
    if (input.content.length === 1) return decodeBase64(part.audio, param);
    throw new InvalidRequest(
      "Audio without a transcript must be all there is in its item: make two items.",
      { code: "unsupported", param },
    );
  }
}

function toUserPart(part: z.infer<typeof UserPart>, path: string) {
  switch (part.type) {
    case "input_text":
      return part;
    case "input_audio":
      return { type: part.type, transcript: part.transcript ?? null };
    case "input_image":
      throw new InvalidRequest("Images are not supported: the model cannot see.", {
        code: "unsupported",
        param: `${path}.type`,
      });
  }
}
