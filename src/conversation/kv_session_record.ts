import { getLogger } from "@logtape/logtape";
import { toParts } from "@/conversation/kv_parts.ts";
import { retryLocked } from "@/conversation/kv_retry.ts";
import { type Head, keysOf, type StoredContent } from "@/conversation/kv_session_entries.ts";
import { watchLease } from "@/conversation/kv_lease.ts";
import { SessionLost, type SessionRecord } from "@/conversation/session_store.ts";

const logger = getLogger(["chatai", "store"]);

/** Entries written anew in one commit: of the longest ones no more fit. */
const REFRESH_BATCH = 10;

/** What a store knows, and its records with it. */
export interface KvSessions {
  /** Where they are. It is not closed here. */
  readonly kv: Deno.Kv;
  /** How long an unused session is remembered, in ms. */
  readonly ttlMs: number;
  /** ms since 1970. */
  readonly now: () => number;
  /** Ms between two looks at a lease, where the store does not tell of other processes. */
  readonly pollMs: number | undefined;
}

/** The lease that a record holds. */
export interface HeldLease {
  /** Of this connection alone. */
  readonly token: string;
  /** Which every commit checks: it changes with the holder. */
  readonly versionstamp: string;
}

/**
 * How long KV keeps an entry: longer than the session, since only what changes is written anew, and all of it
 * after half of `ttlMs`. The session's own `expiresAt` decides when it is forgotten.
 */
export function keepOf({ ttlMs }: KvSessions): { readonly expireIn: number } {
  return { expireIn: Math.ceil(1.5 * ttlMs) };
}

/** Opens the record of a session whose lease was just taken. */
export function openRecord(
  sessions: KvSessions,
  { head, content, lease }: {
    readonly head: Head;
    readonly content: StoredContent;
    readonly lease: HeldLease;
  },
): SessionRecord {
  const { kv, now, ttlMs, pollMs } = sessions;
  const { session, items } = content;
  const keep = keepOf(sessions);
  const keys = keysOf(session.id);
  const itemParts = new Map(content.itemParts);
  const lost = new AbortController();
  const watch = watchLease(kv, {
    key: keys.lease,
    sessionId: session.id,
    token: lease.token,
    pollMs,
    onLost: lose,
  });
  let { settingsParts } = content;
  let { versionstamp } = lease;
  let current = head;
  let last = prolong();
  let released: Promise<void> | undefined;

  async function lose(): Promise<void> {
    const head = await retryLocked(() => kv.get(keys.head));
    lost.abort(new SessionLost(session.id, head.versionstamp === null ? "deleted" : "taken_over"));
    void watch.stop();
  }

  /** One commit by the holder of the lease. It counts as a use of the session. */
  async function commit(
    change: (operation: Deno.AtomicOperation) => void,
    headChange: Partial<Head> = {},
  ): Promise<string> {
    lost.signal.throwIfAborted();
    const next = { ...current, ...headChange, expiresAt: now() + ttlMs };
    const result = await retryLocked(() => {
      const operation = kv.atomic()
        .check({ key: keys.lease, versionstamp })
        .set(keys.head, next, keep);
      change(operation);
      return operation.commit();
    });
    if (!result.ok) {
      await lose();
      throw lost.signal.reason;
    }
    current = next;
    return result.versionstamp;
  }

  /** Writes come one after another, so that the last one asked for is the last one made. */
  function write(work: () => Promise<void>): Promise<void> {
    if (released !== undefined) {
      return Promise.reject(new Error(`Cannot write: session "${session.id}" was released`));
    }
    const written = last.then(work);
    last = written.then(prolong, () => {}); // who asked for the write knows that it failed
    return written;
  }

  /** Writes every entry anew once it is time, before KV lets it expire. */
  async function prolong(): Promise<void> {
    if (now() - current.refreshedAt < ttlMs / 2) return;
    try {
      await refresh();
    } catch (error) {
      if (lost.signal.aborted) return;
      logger.error("Cannot prolong session {sessionId}: {error}", { sessionId: session.id, error });
    }
  }

  async function refresh(): Promise<void> {
    const refreshedAt = now();
    const entries = await retryLocked(() => Array.fromAsync(kv.list({ prefix: keys.head })));
    for (let start = 0; start < entries.length; start += REFRESH_BATCH) {
      const batch = entries.slice(start, start + REFRESH_BATCH);
      const stamp = await commit((operation) => {
        for (const { key, value } of batch) operation.set(key, value, keep);
      });
      if (batch.some(({ key }) => key[2] === "lease")) versionstamp = stamp;
    }
    await commit(() => {}, { refreshedAt });
  }

  return {
    session,
    items,
    lost: lost.signal,

    saveSettings: (settings) =>
      write(async () => {
        const [first, ...rest] = toParts(settings, "session");
        await commit((operation) => {
          rest.forEach((part, i) => operation.set(keys.settings(i + 1), part, keep));
          for (let i = rest.length + 1; i < settingsParts; i++) operation.delete(keys.settings(i));
        }, { settings: first });
        settingsParts = rest.length + 1;
      }),

    put: ({ rank, item }) =>
      write(async () => {
        const [first, ...rest] = toParts(item, "item");
        await commit((operation) => {
          operation.set(keys.item(rank), first, keep);
          rest.forEach((part, i) => operation.set(keys.item(rank, i + 1), part, keep));
          for (let i = rest.length + 1; i < (itemParts.get(rank) ?? 0); i++) {
            operation.delete(keys.item(rank, i));
          }
        });
        itemParts.set(rank, rest.length + 1);
      }),

    remove: (rank) =>
      write(async () => {
        await commit((operation) => {
          operation.delete(keys.item(rank));
          for (let i = 1; i < (itemParts.get(rank) ?? 0); i++) {
            operation.delete(keys.item(rank, i));
          }
        });
        itemParts.delete(rank);
      }),

    release() {
      return released ??= last.then(async () => {
        await watch.stop();
        if (lost.signal.aborted) return;
        await commit((operation) => operation.delete(keys.lease))
          .catch((error) => {
            if (!lost.signal.aborted) throw error;
          });
      });
    },
  };
}
