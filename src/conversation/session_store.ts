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

/** A stored session that this instance serves. */
export interface SessionRecord {
  /** As it was when it was opened. */
  readonly session: StoredSession;
  /** As they were when it was opened, in order. */
  readonly items: readonly RankedItem[];
  /** Aborts when another connection has taken the session over. From then on every write rejects. */
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
  /** Forgets a session and all its items. False if there was none of `owner`'s. */
  delete(id: string, owner: string): Promise<boolean>;
}
