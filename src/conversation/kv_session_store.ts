import { getLogger } from "@logtape/logtape";
import { toParts } from "@/conversation/kv_parts.ts";
import { retryLocked } from "@/conversation/kv_retry.ts";
import {
  Head,
  keysOf,
  type Lease,
  readContent,
  type StoredContent,
} from "@/conversation/kv_session_entries.ts";
import { keepOf, type KvSessions, openRecord } from "@/conversation/kv_session_record.ts";
import type { SessionStore } from "@/conversation/session_store.ts";

const logger = getLogger(["chatai", "store"]);

/**
 * Tries to take a lease, or to read or delete a session, while its holder goes on writing. One try in some twenty
 * falls between two writes of a holder that does nothing else.
 */
const MAX_TRIES = 500;

/** Longest id that is looked for, in characters. KV takes keys of 2048 bytes. */
const MAX_ID = 200;

/** Entries deleted in one commit; KV takes 1000 mutations. */
const DELETE_BATCH = 500;

/** How sessions are remembered. */
export interface KvSessionStoreOptions {
  /** Hours after its last use that a session is forgotten. */
  readonly ttlHours: number;
  /** ms since 1970. @default {Date.now} */
  readonly now?: () => number;
  /** Name of this process in the leases that it takes; random by default. */
  readonly instance?: string;
  /**
   * Ms between two looks at every lease, for a store that does not tell of what other processes write; without it
   * leases are only watched.
   */
  readonly pollMs?: number | undefined;
}

/**
 * Remembers sessions in Deno KV: a file, or a server that many processes share. Whoever opens a session takes its
 * lease; every write checks it, so of two connections the later one goes on and the other writes nothing more.
 * A session or an item that is not what this server writes makes its session an unknown one.
 *
 * The store rejects if KV does, once a locked file has been tried for about 2 s. It does not close `kv`.
 */
export function createKvSessionStore(
  kv: Deno.Kv,
  { ttlHours, now = Date.now, instance = crypto.randomUUID(), pollMs }: KvSessionStoreOptions,
): SessionStore {
  const sessions: KvSessions = { kv, now, ttlMs: ttlHours * 3_600_000, pollMs };
  const { ttlMs } = sessions;
  const keep = keepOf(sessions);

  function newLease(): Lease {
    return { instance, token: crypto.randomUUID() };
  }

  /** The head and the lease of a session that `owner` may use. */
  async function find(id: string, owner: string) {
    if (id.length > MAX_ID) return undefined;
    const { head: headKey, lease: leaseKey } = keysOf(id);
    const [entry, lease] = await retryLocked(() => kv.getMany<unknown[]>([headKey, leaseKey]));
    if (entry!.versionstamp === null) return undefined;
    const head = Head.safeParse(entry!.value);
    if (!head.success) {
      logger.error("Session {sessionId} is unreadable: {error}", {
        sessionId: id,
        error: head.error,
      });
      return undefined;
    }
    if (head.data.owner !== owner || head.data.expiresAt <= now()) return undefined;
    return { head: head.data, checks: [entry!, lease!] };
  }

  async function parse(
    id: string,
    head: Head,
    entries: readonly Deno.KvEntry<unknown>[],
  ): Promise<StoredContent | undefined> {
    try {
      return await readContent(id, head, entries);
    } catch (error) {
      logger.error("Session {sessionId} is unreadable: {error}", { sessionId: id, error });
      return undefined;
    }
  }

  function entriesBelow(id: string): Promise<Deno.KvEntry<unknown>[]> {
    return retryLocked(() => Array.fromAsync(kv.list({ prefix: keysOf(id).head })));
  }

  return {
    async create(session) {
      const { id, owner, conversationId } = session;
      const keys = keysOf(id);
      const [settings, ...rest] = toParts(session.settings, "session");
      const at = now();
      const head = { owner, conversationId, expiresAt: at + ttlMs, refreshedAt: at, settings };
      const lease = newLease();
      const result = await retryLocked(() => {
        const operation = kv.atomic()
          .check({ key: keys.head, versionstamp: null })
          .set(keys.head, head, keep)
          .set(keys.lease, lease, keep);
        rest.forEach((part, i) => operation.set(keys.settings(i + 1), part, keep));
        return operation.commit();
      });
      if (!result.ok) throw new Error(`Cannot create session "${id}": there is one already`);
      return openRecord(sessions, {
        head,
        content: { session, items: [], settingsParts: rest.length + 1, itemParts: new Map() },
        lease: { token: lease.token, versionstamp: result.versionstamp },
      });
    },

    async resume(id, owner) {
      const keys = keysOf(id);
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const found = await find(id, owner);
        if (found === undefined) return undefined;
        const head = { ...found.head, expiresAt: now() + ttlMs };
        const lease = newLease();
        const result = await retryLocked(() =>
          kv.atomic()
            .check(...found.checks)
            .set(keys.head, head, keep)
            .set(keys.lease, lease, keep)
            .commit()
        );
        if (!result.ok) continue; // its holder wrote meanwhile, or somebody else took it
        const content = await parse(id, head, await entriesBelow(id));
        if (content === undefined) {
          await retryLocked(() => kv.delete(keys.lease));
          return undefined;
        }
        const { versionstamp } = result;
        return openRecord(sessions, { head, content, lease: { token: lease.token, versionstamp } });
      }
      throw new Error(`Cannot take over session "${id}": it is being written all the time`);
    },

    async read(id, owner) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const found = await find(id, owner);
        if (found === undefined) return undefined;
        const entries = await entriesBelow(id);
        const { versionstamp } = await retryLocked(() => kv.get(keysOf(id).head));
        if (versionstamp !== found.checks[0]!.versionstamp) continue; // every write touches the head
        const content = await parse(id, found.head, entries);
        return content && { ...content, expiresAt: found.head.expiresAt };
      }
      throw new Error(`Cannot read session "${id}": it is being written all the time`);
    },

    async delete(id, owner) {
      const keys = keysOf(id);
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const found = await find(id, owner);
        if (found === undefined) return false;
        // Without head and lease nobody reads or writes the rest, which may take several commits to go.
        const result = await retryLocked(() =>
          kv.atomic().check(...found.checks).delete(keys.head).delete(keys.lease).commit()
        );
        if (!result.ok) continue;
        const rest = await entriesBelow(id);
        for (let start = 0; start < rest.length; start += DELETE_BATCH) {
          await retryLocked(() => {
            const operation = kv.atomic();
            for (const { key } of rest.slice(start, start + DELETE_BATCH)) operation.delete(key);
            return operation.commit();
          });
        }
        return true;
      }
      throw new Error(`Cannot delete session "${id}": it is being written all the time`);
    },
  };
}
