import type { ServerEvent, TurnMetrics, WireItem } from "@/web/events.ts";

/** One line of the transcript. */
export interface ViewItem {
  /** The item it shows. */
  readonly id: string;
  /** `hidden`: a function call, its output or a system message; kept because others follow it. */
  readonly role: "user" | "assistant" | "hidden";
  /** What was said, or would have been said had nobody interrupted. */
  readonly text: string;
  /** The text is a guess that may still change. */
  readonly partial: boolean;
  /** The part of the text that the user heard, once a reply was cut short. Absent: all of it. */
  readonly heard?: string;
}

/** What the conversation is doing, in the user's eyes. */
export type Activity = "listening" | "thinking" | "speaking";

/** Everything a page shows of a conversation. Immutable: {@linkcode viewEvent} makes the next one. */
export interface ConversationView {
  /** In the order of the conversation. */
  readonly items: readonly ViewItem[];
  /** Follows from the fields below. */
  readonly activity: Activity;
  /** The user is speaking now, says the server. */
  readonly userSpeaking: boolean;
  /** A turn of the user has ended and its reply has not begun. */
  readonly awaitingReply: boolean;
  /** The response of the conversation that runs now. */
  readonly responseId: string | undefined;
  /** Sound of a reply is being played. */
  readonly playing: boolean;
  /** Times of the latest turn that has any. */
  readonly metrics: TurnMetrics | undefined;
  /** What went wrong, in words for the user, until the next thing that goes well. */
  readonly problem: string | undefined;
  /** Items from before a reconnection, whose unheard words the server no longer knows. */
  readonly remembered: ReadonlyMap<string, ViewItem>;
}

/** What only this side knows. */
export type LocalEvent =
  | { readonly type: "local.playing" } // sound of a reply reached the player
  | { readonly type: "local.silent" } // the player ran dry or was cleared
  | { readonly type: "local.asked" } // a typed turn was sent
  | { readonly type: "local.disconnected" };

/** A conversation before it begins. */
export const EMPTY_VIEW: ConversationView = {
  items: [],
  activity: "listening",
  userSpeaking: false,
  awaitingReply: false,
  responseId: undefined,
  playing: false,
  metrics: undefined,
  problem: undefined,
  remembered: new Map(),
};

/** The view after an event. Pure; returns the same object when nothing changed. */
export function viewEvent(
  view: ConversationView,
  event: ServerEvent | LocalEvent,
): ConversationView {
  const next = reduce(view, event);
  if (next === view) return view;
  return { ...next, activity: activityOf(next) };
}

function activityOf(view: ConversationView): Activity {
  if (view.userSpeaking) return "listening";
  if (view.playing) return "speaking";
  return view.awaitingReply || view.responseId !== undefined ? "thinking" : "listening";
}

function reduce(view: ConversationView, event: ServerEvent | LocalEvent): ConversationView {
  switch (event.type) {
    case "session.created":
      return {
        ...EMPTY_VIEW,
        playing: view.playing,
        awaitingReply: view.awaitingReply,
        remembered: event["chatai.resumed"] ? byId(view.items) : new Map(),
      };
    case "input_audio_buffer.speech_started":
      return {
        ...place(view, { id: event.item_id, role: "user", text: "", partial: true }),
        userSpeaking: true,
        awaitingReply: false,
        problem: undefined,
      };
    case "input_audio_buffer.speech_stopped":
      return { ...view, userSpeaking: false, awaitingReply: true };
    case "input_audio_buffer.cleared":
      return { ...view, userSpeaking: false, awaitingReply: false };
    case "conversation.item.added":
    case "conversation.item.done":
      return addItem(view, event.item, event.previous_item_id);
    case "conversation.item.retrieved":
      return changeItem(view, event.item.id, (item) => cutToHeard(item, textOf(event.item)));
    case "conversation.item.deleted":
      return { ...view, items: view.items.filter((item) => item.id !== event.item_id) };
    case "chatai.input_audio_transcription.partial":
      return changeItem(
        view,
        event.item_id,
        (item) => item.partial ? { ...item, text: event.transcript } : item,
      );
    case "conversation.item.input_audio_transcription.completed":
      return {
        ...changeItem(view, event.item_id, finalText(event.transcript)),
        // Nothing was said: no reply will come.
        awaitingReply: view.awaitingReply && event.transcript !== "",
      };
    case "conversation.item.input_audio_transcription.failed":
      return {
        ...changeItem(view, event.item_id, (item) => ({ ...item, partial: false })),
        awaitingReply: false,
        problem: "Sorry, that could not be understood. Please say it again.",
      };
    case "response.created":
      if (event.response.conversation_id === null) return view;
      return {
        ...view,
        responseId: event.response.id,
        awaitingReply: false,
        problem: undefined,
      };
    case "response.done":
      if (event.response.id !== view.responseId) return view;
      return {
        ...view,
        responseId: undefined,
        problem: event.response.status === "failed"
          ? event.response.status_details?.error?.message ?? "The reply failed."
          : view.problem,
      };
    case "response.output_audio_transcript.delta":
    case "response.output_text.delta":
      return changeItem(
        view,
        event.item_id,
        (item) => ({ ...item, text: item.text + event.delta }),
      );
    case "chatai.turn.metrics":
      return { ...view, metrics: event };
    case "error":
      // Cancelling what has just ended by itself is no mishap.
      if (event.error.code === "response_cancel_not_active") return view;
      return { ...view, awaitingReply: false, problem: event.error.message };
    case "local.playing":
      return view.playing ? view : { ...view, playing: true };
    case "local.silent":
      return view.playing ? { ...view, playing: false } : view;
    case "local.asked":
      return { ...view, awaitingReply: true, problem: undefined };
    case "local.disconnected":
      return { ...view, userSpeaking: false, awaitingReply: false, responseId: undefined };
    default:
      return view;
  }
}

function finalText(text: string): (item: ViewItem) => ViewItem {
  return (item) => ({ ...item, text, partial: false });
}

/** An item came or ended: at its place, with what is known of its text. */
function addItem(
  view: ConversationView,
  wire: WireItem,
  previousId: string | null,
): ConversationView {
  const known = view.items.find((item) => item.id === wire.id);
  if (known !== undefined) return place(view, known, previousId);
  const remembered = view.remembered.get(wire.id);
  const role = wire.role === "user" || wire.role === "assistant" ? wire.role : "hidden";
  const text = textOf(wire);
  const item: ViewItem = { id: wire.id, role, text, partial: isUnheard(wire) };
  const cut = remembered && role === "assistant" ? cutToHeard(remembered, text) : item;
  return place(view, cut, previousId);
}

/** Puts an item behind another; at the end when that one is not known; leaves it be when it is right. */
function place(
  view: ConversationView,
  item: ViewItem,
  previousId?: string | null,
): ConversationView {
  const others = view.items.filter((other) => other.id !== item.id);
  const previous = others.findIndex((other) => other.id === previousId);
  const at = previousId === null ? 0 : previous < 0 ? others.length : previous + 1;
  return { ...view, items: others.toSpliced(at, 0, item) };
}

function changeItem(
  view: ConversationView,
  id: string,
  change: (item: ViewItem) => ViewItem,
): ConversationView {
  return { ...view, items: view.items.map((item) => item.id === id ? change(item) : item) };
}

function byId(items: readonly ViewItem[]): ReadonlyMap<string, ViewItem> {
  return new Map(items.map((item) => [item.id, item]));
}

/** Spoken by the user, and its transcript is not there yet. */
function isUnheard(wire: WireItem): boolean {
  return wire.content?.some((part) => part.type === "input_audio" && part.transcript === null) ??
    false;
}

function textOf(wire: WireItem): string {
  return (wire.content ?? []).map((part) => part.text ?? part.transcript ?? "").join("");
}

/** Marks how much of a reply was heard. A server that knows more words than were shown is right. */
function cutToHeard(item: ViewItem, heard: string): ViewItem {
  if (item.role !== "assistant") return item;
  const { heard: _, ...whole } = item;
  const end = heardLength(item.text, heard);
  if (end === undefined) return { ...whole, text: heard };
  return end >= item.text.trimEnd().length ? whole : { ...whole, heard: item.text.slice(0, end) };
}

/**
 * Where in the shown text the heard words end; `undefined` when the heard words are not its beginning. Compares
 * words, as a server may join sentences with other white space than it streamed.
 */
function heardLength(text: string, heard: string): number | undefined {
  let end = 0;
  const shown = text.matchAll(/\S+/g);
  for (const word of heard.match(/\S+/g) ?? []) {
    const { value } = shown.next();
    if (value === undefined || !value[0].startsWith(word)) return undefined;
    end = value.index + word.length;
  }
  return end;
}
