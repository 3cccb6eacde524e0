import type { SessionView } from "@/conversation/client.ts";
import type { Item } from "@/conversation/item.ts";
import type { ResponseOverrides } from "@/conversation/overrides.ts";
import type { SessionSettings } from "@/conversation/settings.ts";

/**
 * One conversation with one client. Call its methods in the order in which the client asked, each after the
 * last has settled. What a client did wrong is thrown as `InvalidRequest` and changes nothing.
 */
export interface Session extends AsyncDisposable {
  view(): SessionView;
  /** Takes effect at once; `settings` is complete. */
  update(settings: SessionSettings): Promise<void>;
  /** Microphone audio in the session's input format, cut anywhere, even between the bytes of a sample. */
  append(audio: Uint8Array<ArrayBuffer>): void;
  /** Makes a user item of what was appended. Settles when all audio before it has been heard. */
  commit(): Promise<void>;
  clear(): Promise<void>;
  /**
   * `previousItemId`: `"root"` is the beginning, `undefined` or `null` the end. `audio`, in the session's input
   * format, is what the user says in the item: it is written down.
   */
  createItem(
    item: Item,
    previousItemId: string | null | undefined,
    audio?: Uint8Array<ArrayBuffer>,
  ): Promise<void>;
  retrieveItem(itemId: string): void;
  deleteItem(itemId: string): Promise<void>;
  truncateItem(itemId: string, contentIndex: number, audioEndMs: number): Promise<void>;
  /** Starts a response; does not wait for it. */
  createResponse(overrides: ResponseOverrides): Promise<void>;
  /**
   * Without an id: the running response of the default conversation. Settles when nothing of it is left, so
   * that the next request may start another.
   */
  cancelResponse(responseId: string | undefined): Promise<void>;
  /** Aborts once the session is over; its reason says why: `SessionEnd`. */
  readonly signal: AbortSignal;
}

/** Why a session ended. */
export type SessionEnd =
  /** The connection went away. */
  | "disconnected"
  /** Nobody has said anything for too long. */
  | "idle"
  /** `expires_at` has come. */
  | "expired"
  /** Another connection, perhaps to another instance, resumed the session. */
  | "taken_over"
  /** Its owner had it deleted. */
  | "deleted"
  /** The server shuts down. */
  | "shutdown"
  /** A fault of ours. */
  | "failed";
