import type { Item } from "@/conversation/item.ts";
import type { SessionSettings } from "@/conversation/settings.ts";

/** A session as it is remembered. */
export interface StoredSession {
  readonly id: string;
  readonly conversationId: string;
  /** Who may resume it: the caller's subject, `"anonymous"` where there is no authentication. */
  readonly owner: string;
  readonly settings: SessionSettings;
}

/** An item and its place: items are ordered by rank. One inserted between two takes their midpoint. */
export interface RankedItem {
  readonly rank: number;
  readonly item: Item;
}

/** What is remembered of a session. */
export interface StoredConversation {
  readonly session: StoredSession;
  /** In order. */
  readonly items: readonly RankedItem[];
  /** When it is forgotten, in ms since 1970. */
  readonly expiresAt: number;
}

/** A session is not this instance's any more: another connection resumed it, or it was deleted. */
export class SessionLost extends Error {
  override readonly name = "SessionLost";
  readonly how: "taken_over" | "deleted";

  constructor(id: string, how: SessionLost["how"]) {
    super(`Session "${id}" was ${how === "deleted" ? "deleted" : "taken over"}`);
    this.how = how;
  }
}

/** A stored session that this instance serves. */
export interface SessionRecord {
  /** As it was when it was opened. */
  readonly session: StoredSession;
  /** As they were when it was opened, in order. */
  readonly items: readonly RankedItem[];
  /** Aborts with a `SessionLost` once the session is another's, or nobody's. From then on every write rejects. */
  readonly lost: AbortSignal;
  saveSettings(settings: SessionSettings): Promise<void>;
  /** Writes an item at its rank, new or changed. */
  put(entry: RankedItem): Promise<void>;
  remove(rank: number): Promise<void>;
  /** Gives the lease back. The session stays, for whoever resumes it. */
  release(): Promise<void>;
}

/** Remembers sessions, so that any instance can go on with any of them. */
export interface SessionStore {
  create(session: StoredSession): Promise<SessionRecord>;
  /** `undefined` if there is no such session, it has expired, or it is not `owner`'s. */
  resume(id: string, owner: string): Promise<SessionRecord | undefined>;
  /** Reads a session, whoever serves it; `undefined` as with `resume`. */
  read(id: string, owner: string): Promise<StoredConversation | undefined>;
  /** Forgets a session and all its items, and ends it if it is served. False if there was none of `owner`'s. */
  delete(id: string, owner: string): Promise<boolean>;
}
