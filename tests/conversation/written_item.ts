import type { MessageItem } from "@/conversation/item.ts";

/** What the user wrote, as an item of the conversation. */
export function writtenItem(id: string, text: string = id): MessageItem {
  return {
    id,
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text }],
  };
}
