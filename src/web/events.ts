/** A part of a message, as far as a transcript shows it. */
export interface ContentPart {
  /** `input_text`, `input_audio`, `output_text` or `output_audio`. */
  readonly type: string;
  /** What was written. */
  readonly text?: string;
  /** What was said; `null` until it is known. */
  readonly transcript?: string | null;
}

/** An item of the conversation as the wire carries it, as far as a client shows it. */
export interface WireItem {
  /** Unique in the session. */
  readonly id: string;
  /** `message`, `function_call` or `function_call_output`. */
  readonly type: string;
  /** Whose message it is. */
  readonly role?: "system" | "user" | "assistant";
  /** How far it has come. */
  readonly status?: "in_progress" | "completed" | "incomplete";
  /** The parts of a message, in order. */
  readonly content?: readonly ContentPart[];
}

/** A response as the wire carries it, as far as a client acts on it. */
export interface WireResponse {
  /** Unique in the session. */
  readonly id: string;
  /** How far it has come, or how it ended. */
  readonly status: "in_progress" | "completed" | "cancelled" | "incomplete" | "failed";
  /** Why it ended, if not by itself. */
  readonly status_details?: {
    readonly reason?: string;
    readonly error?: { readonly message?: string };
  } | null;
  /** `null` when the response is no part of the conversation. */
  readonly conversation_id?: string | null;
  /** What it brought forth. */
  readonly output: readonly WireItem[];
}

/**
 * How long a turn took: ms from the last sample of speech (typed turns: from the request). What does not apply
 * is absent. The extension `chatai.turn.metrics`.
 */
export interface TurnMetrics {
  /** The response that ended the wait. */
  readonly response_id: string;
  /** The turn was declared over. */
  readonly endpoint?: number | undefined;
  /** The final transcript was there. */
  readonly transcript?: number | undefined;
  /** The first word of the reply was there. */
  readonly first_token?: number | undefined;
  /** The first sound of the reply had been made. */
  readonly first_audio?: number | undefined;
  /** The first sound of the reply was on the wire. */
  readonly voice_to_voice?: number | undefined;
}

/** Names the item of the response that an event is about. */
export interface PartAddress {
  /** The response. */
  readonly response_id: string;
  /** The item it is making. */
  readonly item_id: string;
}

/** An error as the server tells it. */
export interface WireError {
  /** `invalid_request_error` or `server_error`. */
  readonly type: string;
  /** Machine-readable cause. */
  readonly code: string | null;
  /** For a human. */
  readonly message: string;
}

/**
 * The events of a server that this client acts on: a subset of the Realtime protocol in its GA dialect, and
 * ChatAI's extensions. Other events are skipped.
 */
export type ServerEvent =
  | {
    readonly type: "session.created";
    readonly session: { readonly id: string };
    readonly "chatai.resumed"?: boolean | undefined;
  }
  | { readonly type: "input_audio_buffer.speech_started"; readonly item_id: string }
  | { readonly type: "input_audio_buffer.speech_stopped"; readonly item_id: string }
  | { readonly type: "input_audio_buffer.cleared" }
  | {
    readonly type: "conversation.item.added" | "conversation.item.done";
    readonly item: WireItem;
    readonly previous_item_id: string | null;
  }
  | { readonly type: "conversation.item.retrieved"; readonly item: WireItem }
  | { readonly type: "conversation.item.deleted"; readonly item_id: string }
  | {
    readonly type: "chatai.input_audio_transcription.partial";
    readonly item_id: string;
    readonly transcript: string;
  }
  | {
    readonly type: "conversation.item.input_audio_transcription.completed";
    readonly item_id: string;
    readonly transcript: string;
  }
  | {
    readonly type: "conversation.item.input_audio_transcription.failed";
    readonly item_id: string;
    readonly error: { readonly message?: string };
  }
  | { readonly type: "response.created" | "response.done"; readonly response: WireResponse }
  | PartAddress & {
    readonly type: "response.content_part.added";
    readonly part: { readonly type: string };
  }
  | PartAddress & {
    readonly type: "response.output_audio_transcript.delta" | "response.output_text.delta";
    readonly delta: string;
  }
  | PartAddress & { readonly type: "response.output_audio.done" }
  | TurnMetrics & { readonly type: "chatai.turn.metrics" }
  | { readonly type: "error"; readonly error: WireError };

/** The events this client sends. */
export type ClientEvent =
  | {
    readonly type: "session.update";
    readonly session: {
      readonly type: "realtime";
      readonly audio: {
        readonly input: {
          readonly transcription: Readonly<Record<string, string>>;
          readonly turn_detection: { readonly type: "server_vad" | "semantic_vad" };
        };
      };
    };
  }
  | {
    readonly type: "conversation.item.create";
    readonly item: {
      readonly type: "message";
      readonly role: "user";
      readonly content: readonly [{ readonly type: "input_text"; readonly text: string }];
    };
  }
  | {
    readonly type: "conversation.item.truncate";
    readonly item_id: string;
    readonly content_index: 0;
    readonly audio_end_ms: number;
  }
  | { readonly type: "conversation.item.retrieve"; readonly item_id: string }
  | { readonly type: "response.create" }
  | { readonly type: "response.cancel"; readonly response_id: string };

/**
 * Reads a text frame.
 *
 * @returns `undefined` for what is not an event at all. Events of unknown type are returned: whoever switches
 * on the type skips them.
 */
export function parseServerEvent(frame: string): ServerEvent | undefined {
  let event: unknown;
  try {
    event = JSON.parse(frame);
  } catch {
    return undefined;
  }
  const isEvent = typeof event === "object" && event !== null && "type" in event;
  return isEvent ? event as ServerEvent : undefined;
}
