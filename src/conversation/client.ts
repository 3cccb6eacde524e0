import type { FunctionCallItem, Item } from "@/conversation/item.ts";
import type { AudioFormat, SessionSettings } from "@/conversation/settings.ts";
import type { RateLimit } from "@/conversation/turn_limit.ts";
import type { TokenUsage } from "@/engines/llm/engine.ts";

/** How a response ended, and why if not by itself. */
export type ResponseOutcome =
  | { readonly status: "completed" }
  | { readonly status: "cancelled"; readonly reason: "turn_detected" | "client_cancelled" }
  | { readonly status: "incomplete"; readonly reason: "max_output_tokens" | "content_filter" }
  | { readonly status: "failed"; readonly error: ClientFacingError };

/** An error in words that a client may read: no stack, no path, no address. */
export interface ClientFacingError {
  readonly type: "server_error" | "invalid_request_error";
  readonly code: string;
  readonly message: string;
}

/** What a client is told of a response when it begins. */
export interface ResponseHead {
  readonly id: string;
  /** `null` when out of band. */
  readonly conversationId: string | null;
  readonly modality: "audio" | "text";
  readonly maxOutputTokens: number | "inf";
  /** Absent where the client asked for none. */
  readonly temperature?: number | undefined;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly format: AudioFormat;
  readonly voice: string;
}

/**
 * Where one response goes. All calls are synchronous and in wire order; what must be opened first is opened by
 * the receiver. After `end` every call is dropped.
 */
export interface ResponseOutput {
  /** Opens the assistant's message. Comes before any text or audio of it. */
  message(itemId: string, previousItemId: string | null): void;
  /** Text as the model yields it: the text itself, or the transcript of the audio to come. */
  text(delta: string): void;
  /** Speech at the format's rate, −1 to 1. */
  audio(samples: Float32Array<ArrayBuffer>): void;
  /** Settles once the client's connection takes more audio: the wire's own backpressure. */
  room(): Promise<void>;
  /** A whole function call: added, argued, done. Closes the open message first. */
  call(item: FunctionCallItem, previousItemId: string | null): void;
  /** Closes all that is open, then the response. */
  end(outcome: ResponseOutcome, usage: TokenUsage | undefined): void;
}

/** The client of a session, as the conversation sees it. All calls are synchronous and in wire order. */
export interface Client {
  /** `resumed`: the stored items that follow. */
  sessionCreated(session: SessionView, resumed: readonly Item[] | undefined): void;
  sessionUpdated(session: SessionView): void;
  speechStarted(itemId: string, audioStartMs: number): void;
  speechStopped(itemId: string, audioEndMs: number): void;
  committed(itemId: string, previousItemId: string | null): void;
  cleared(): void;
  /** The user has said nothing for too long. The item that stands for the silence is committed next. */
  timeoutTriggered(itemId: string, audioStartMs: number, audioEndMs: number): void;
  /** A whole item joined the conversation. */
  itemAdded(item: Item, previousItemId: string | null): void;
  /** `audio`: of its audio part, in the format of the wire, as far as it is kept. */
  itemRetrieved(item: Item, audio: Uint8Array<ArrayBuffer> | undefined): void;
  itemDeleted(itemId: string): void;
  itemTruncated(itemId: string, contentIndex: number, audioEndMs: number): void;
  /** What an unfinished utterance seems to say; replaces the one before. Absent: nobody reads along. */
  readonly partialTranscript?: (itemId: string, text: string) => void;
  transcribed(itemId: string, transcript: string, seconds: number): void;
  transcriptionFailed(itemId: string, error: ClientFacingError): void;
  openResponse(head: ResponseHead): ResponseOutput;
  turnMetrics(metrics: TurnMetrics): void;
  /** What may still be asked, after a response has begun. */
  rateLimits(limits: readonly RateLimit[]): void;
  /** Something the client did not ask for in so many words is not done, e.g. a spoken turn is not answered. */
  refused(error: ClientFacingError): void;
}

/** A session as its client may know it. */
export interface SessionView {
  readonly id: string;
  readonly conversationId: string;
  readonly settings: SessionSettings;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/**
 * How long a turn took: ms from the arrival of the last speech sample (text turns: of the request). What does
 * not apply is absent.
 */
export interface TurnMetrics {
  readonly responseId: string;
  /** The turn was declared over. */
  readonly endpoint?: number;
  /** The final transcript was there. */
  readonly transcript?: number;
  readonly firstToken?: number;
  /** The synthesiser had made the first audio. */
  readonly firstAudio?: number;
  /** The first audio was on the wire. */
  readonly voiceToVoice?: number;
}
