import type { Item, MessageItem } from "@/conversation/item.ts";

/** What the user said aloud, as an item of the conversation; `null` until it is written down. */
export function userSpeech(id: string, transcript: string | null): MessageItem {
  return {
    id,
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_audio", transcript }],
  };
}

/** The same item with the words of its audio. */
export function withTranscript(item: Item, transcript: string): Item {
  if (item.type !== "message" || item.role !== "user") return item;
  return {
    ...item,
    content: item.content.map((part) =>
      part.type === "input_audio" ? { ...part, transcript } : part
    ),
  };
}

/** The last spoken turn that has words and that no words follow: its answer was cut off before any was heard. */
export function unansweredTurn(items: readonly Item[]): string | undefined {
  const last = items.findLast((item) => !isSilent(item));
  const spoken = last?.type === "message" && last.role === "user" &&
    last.content.some((part) => part.type === "input_audio");
  return spoken ? last.id : undefined;
}

function isSilent(item: Item): boolean {
  return item.type === "message" && item.role !== "system" &&
    item.content.every((part) => "transcript" in part && !part.transcript);
}
