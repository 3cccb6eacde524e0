import { z } from "zod";
import { ItemInput } from "@/realtime/item_input.ts";

const [message, call, output] = ItemInput.options;
const [system, user, assistant] = message.options;
const [outputText, outputAudio] = assistant.shape.content.element.options;

/** An item as a client of the beta dialect writes it. */
export const BetaItemInput = z.discriminatedUnion("type", [
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
  call,
  output,
]);

/** {@inheritDoc BetaItemInput} */
export type BetaItemInput = z.infer<typeof BetaItemInput>;

/** Makes a GA item of it. */
export function fromBetaItem(item: BetaItemInput): ItemInput {
  if (item.type !== "message" || item.role !== "assistant") return item;
  return {
    ...item,
    content: item.content.map((part) =>
      part.type === "text" ? { ...part, type: "output_text" } : { ...part, type: "output_audio" }
    ),
  };
}
