import { getLogger } from "@logtape/logtape";
import type { Lease } from "@/conversation/kv_session_entries.ts";

const logger = getLogger(["chatai", "store"]);

/** Which lease to watch, and what to do. */
export interface LeaseWatchOptions {
  /** Where the lease is stored. */
  readonly key: Deno.KvKey;
  /** Of the lease that is ours. */
  readonly token: string;
  /** Called once, as soon as the lease is somebody else's or gone. */
  readonly onLost: () => Promise<void>;
}

/** A watch that was set. It ends by itself when the lease is lost. */
export interface LeaseWatch {
  /** Settles when nothing of it runs any more. */
  stop(): Promise<void>;
}

/**
 * Watches a lease, so that its holder learns at once that it was taken. A KV file tells watchers of its own process
 * only: a holder in another one learns it at its next write, which the lease's versionstamp refuses.
 */
export function watchLease(kv: Deno.Kv, { key, token, onLost }: LeaseWatchOptions): LeaseWatch {
  const reader = kv.watch<[Lease]>([key]).getReader();
  let stopped = false;

  async function watch(): Promise<void> {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (stopped) return;
        if (next.value[0].value?.token !== token) return await onLost();
      }
    } catch (error) {
      if (!stopped) logger.warn("Cannot watch a session's lease: {error}", { error });
    } finally {
      await reader.cancel().catch(() => {}); // the store is closed, and the watch with it
    }
  }

  const watching = watch();
  return {
    async stop() {
      stopped = true;
      await reader.cancel().catch(() => {}); // as above
      await watching;
    },
  };
}
