import type { ServerEvent, WireItem, WireResponse } from "@/web/events.ts";

/** What the user said, as an item; `null` while nobody knows. */
export function spoken(id: string, transcript: string | null): WireItem {
  return {
    id,
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_audio", transcript }],
  };
}

/** A reply, as an item. */
export function reply(id: string, transcript?: string): WireItem {
  return {
    id,
    type: "message",
    role: "assistant",
    status: transcript === undefined ? "in_progress" : "completed",
    content: transcript === undefined ? [] : [{ type: "output_audio", transcript }],
  };
}

/** An item joins the conversation. */
export function added(item: WireItem, previousId: string | null): ServerEvent {
  return { type: "conversation.item.added", item, previous_item_id: previousId };
}

/** A response begins. */
export function created(id: string): ServerEvent {
  return { type: "response.created", response: { id, status: "in_progress", output: [] } };
}

/** A response ends. */
export function done(
  id: string,
  status: WireResponse["status"],
  output: readonly WireItem[] = [],
): ServerEvent {
  return { type: "response.done", response: { id, status, output } };
}

/** The reply's text goes on. */
export function says(responseId: string, itemId: string, delta: string): ServerEvent {
  return {
    type: "response.output_audio_transcript.delta",
    response_id: responseId,
    item_id: itemId,
    delta,
  };
}

/** Sound of an item follows. */
export function soundBegins(responseId: string, itemId: string): ServerEvent {
  return {
    type: "response.content_part.added",
    response_id: responseId,
    item_id: itemId,
    part: { type: "audio" },
  };
}

/** The sound of an item is complete. */
export function soundEnds(responseId: string, itemId: string): ServerEvent {
  return { type: "response.output_audio.done", response_id: responseId, item_id: itemId };
}
