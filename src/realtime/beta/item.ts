import { z } from "zod";
import { FunctionCallItem, FunctionCallOutputItem } from "@/conversation/item.ts";
import { RetrievedItem } from "@/realtime/retrieved_item.ts";

const [system, user, assistant] = RetrievedItem.options;
const [outputText, outputAudio] = assistant.shape.content.element.options;

/**
 * An item: what the assistant says is of type `text` or `audio`; all else is as in GA. Only
 * `conversation.item.retrieved` has its audio.
 */
export const BetaItem = z.union([
  z.discriminatedUnion("role", [
    system,
    user,
    assistant.extend({
      content: z.array(z.discriminatedUnion("type", [
        outputText.extend({ type: z.literal("text") }),
        outputAudio.extend({ type: z.literal("audio") }),
      ])),
    }),
  ]),
  FunctionCallItem,
  FunctionCallOutputItem,
]);

/** {@inheritDoc BetaItem} */
export type BetaItem = z.infer<typeof BetaItem>;

/** Writes an item for the beta dialect. */
export function toBetaItem(item: RetrievedItem): BetaItem {
  if (item.type !== "message" || item.role !== "assistant") return item;
  return {
    ...item,
    content: item.content.map((part) =>
      part.type === "output_text" ? { ...part, type: "text" } : { ...part, type: "audio" }
    ),
  };
}
