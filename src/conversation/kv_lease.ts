import { delay } from "@std/async/delay";
import { getLogger } from "@logtape/logtape";
import { retryLocked } from "@/conversation/kv_retry.ts";
import type { Lease } from "@/conversation/kv_session_entries.ts";

const logger = getLogger(["chatai", "store"]);

/** Which lease to watch, and what to do. */
export interface LeaseWatchOptions {
  /** Where the lease is stored. */
  readonly key: Deno.KvKey;
  /** Whose lease it is. */
  readonly sessionId: string;
  /** Of the lease that is ours. */
  readonly token: string;
  /** Ms between two looks at the lease; it is looked at only when the store tells of a change without it. */
  readonly pollMs: number | undefined;
  /** Called once, as soon as the lease is somebody else's or gone. */
  readonly onLost: () => Promise<void>;
}

/** A watch that was set. It ends by itself when the lease is lost. */
export interface LeaseWatch {
  /** Settles when nothing of it runs any more. */
  stop(): Promise<void>;
}

/**
 * Watches a lease, so that its holder learns at once that it was taken. KV Connect tells all processes of a change;
 * a KV file tells watchers of its own process only, so that who shares one polls too. Whatever neither tells of,
 * the holder learns at its next write, which the lease's versionstamp refuses.
 */
export function watchLease(
  kv: Deno.Kv,
  { key, sessionId, token, pollMs, onLost }: LeaseWatchOptions,
): LeaseWatch {
  const reader = kv.watch<[Lease]>([key]).getReader();
  const over = new AbortController();
  const { signal } = over;

  async function look({ value }: { readonly value: Lease | null }): Promise<void> {
    if (signal.aborted || value?.token === token) return;
    over.abort();
    await onLost();
  }

  async function watch(): Promise<void> {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        await look(next.value[0]);
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!signal.aborted) {
        logger.warn("Cannot watch the lease of session {sessionId}: {error}", { sessionId, error });
      }
    } finally {
      await reader.cancel().catch(() => {}); // the store is closed, and the watch with it
    }
  }

  async function poll(ms: number): Promise<void> {
    while (!signal.aborted) {
      await delay(ms, { signal }).catch(() => {}); // rejects only when it is over
      if (signal.aborted) return;
      try {
        await look(await retryLocked(() => kv.get<Lease>(key)));
      } catch (error) {
        logger.warn("Cannot read a session's lease: {error}", { error });
      }
    }
  }

  const running = Promise.all([watch(), pollMs !== undefined && poll(pollMs)]);
  return {
    async stop() {
      over.abort();
      await reader.cancel().catch(() => {}); // as above
      await running;
    },
  };
}
