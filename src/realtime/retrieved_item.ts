import { z } from "zod";
import {
  FunctionCallItem,
  FunctionCallOutputItem,
  type Item,
  MessageItem,
} from "@/conversation/item.ts";

const [SystemMessage, UserMessage, AssistantMessage] = MessageItem.options;
const [InputText, InputAudio] = UserMessage.shape.content.element.options;
const [OutputText, OutputAudio] = AssistantMessage.shape.content.element.options;

const audio = z.string().optional().describe(
  "Base64, in the format it was sent in. Absent where the server does not keep it any more.",
);

/** An item as `conversation.item.retrieved` shows it: the one place where an item has its audio. */
export const RetrievedItem = z.union([
  SystemMessage,
  UserMessage.extend({
    content: z.array(z.discriminatedUnion("type", [InputText, InputAudio.extend({ audio })])),
  }),
  AssistantMessage.extend({
    content: z.array(z.discriminatedUnion("type", [OutputText, OutputAudio.extend({ audio })])),
  }),
  FunctionCallItem,
  FunctionCallOutputItem,
]);

/** {@inheritDoc RetrievedItem} */
export type RetrievedItem = z.infer<typeof RetrievedItem>;

/** Puts its audio into an item. */
export function withAudio(item: Item, bytes: Uint8Array<ArrayBuffer> | undefined): RetrievedItem {
  if (bytes === undefined || item.type !== "message") return item;
  const audio = bytes.toBase64();
  switch (item.role) {
    case "system":
      return item;
    case "user":
      return {
        ...item,
        content: item.content.map((part) =>
          part.type === "input_audio" ? { ...part, audio } : part
        ),
      };
    case "assistant":
      return {
        ...item,
        content: item.content.map((part) =>
          part.type === "output_audio" ? { ...part, audio } : part
        ),
      };
  }
}
