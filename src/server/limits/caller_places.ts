import { getLogger } from "@logtape/logtape";
import { retryLocked } from "@/conversation/kv_retry.ts";

const logger = getLogger(["chatai", "limits"]);

/** How often an instance says that it still holds its places, in ms. */
const RENEW_MS = 10_000;

/**
 * How long the places of an instance that says nothing any more are taken, in ms: it may miss two renewals. Not
 * longer, since the callers of one that died want to go on at another.
 */
const HOLD_MS = 30_000;

/** Kept beyond the time that counts, in ms: clocks of instances differ. */
const GRACE_MS = 60_000;

/** The places of one caller that one instance holds. */
interface Share {
  readonly instance: string;
  readonly count: number;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** What this instance holds of a caller's places. */
interface Held {
  count: number;
  /** Works that are not done yet. */
  pending: number;
  /** The last of them. Never rejects. */
  last: Promise<unknown>;
}

/** How many places there are, and by which clock. */
export interface CallerPlacesOptions {
  readonly perCaller: number;
  /** Unix ms. @default {Date.now} */
  readonly now?: () => number;
  /** Name of this process in the store; no other may have it. Random by default. */
  readonly instance?: string;
}

/** Places for the sessions of each caller. */
export interface CallerPlaces {
  /**
   * A place for one session; `undefined` where the caller has all of them. Disposing gives it back, and settles
   * when the store knows. Neither rejects.
   */
  take(caller: string): Promise<AsyncDisposable | undefined>;
}

/**
 * Counts the sessions of callers in the store, so that the limit holds for all instances that share it together.
 *
 * Of each caller there is one entry, with what each instance holds: its length goes by the instances, not by the
 * sessions. Each change is a transaction, done again where another instance came between; an instance writes what
 * it holds and not a difference, so that a write that was lost is made good by the next one. What an instance
 * holds it renews, in one write a caller; what a dead one held is free again once it has not been renewed for 30 s.
 *
 * A store that fails lets callers through that do not have all places in this instance alone, and is logged.
 */
export function createCallerPlaces(
  kv: Deno.Kv,
  { perCaller, now = Date.now, instance = newInstance() }: CallerPlacesOptions,
): CallerPlaces {
  const callers = new Map<string, Held>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let renewing = false;

  /** Does a caller's works one after another: only instances compete for an entry. */
  async function inTurn<T>(caller: string, work: (held: Held) => Promise<T>): Promise<T> {
    const held = callers.get(caller) ?? { count: 0, pending: 0, last: Promise.resolve() };
    callers.set(caller, held);
    held.pending++;
    const done = held.last.then(() => work(held));
    held.last = done.catch(() => {}); // whoever asked for it is told
    try {
      return await done;
    } finally {
      held.pending--;
      if (held.count === 0 && held.pending === 0) callers.delete(caller);
      keepRenewing();
    }
  }

  /** Writes that this instance holds so many, if there is room for them. */
  async function write(caller: string, count: number, room = Infinity): Promise<boolean> {
    const key = ["limits", "sessions", caller];
    for (;;) {
      const entry = await kv.get<readonly Share[]>(key);
      const others = (entry.value ?? []).filter((share) =>
        share.instance !== instance && share.expiresAt > now()
      );
      if (count + others.reduce((sum, share) => sum + share.count, 0) > room) return false;
      const own = { instance, count, expiresAt: now() + HOLD_MS };
      const shares = count === 0 ? others : [...others, own];
      const operation = kv.atomic().check(entry);
      if (shares.length === 0) operation.delete(key);
      else operation.set(key, shares, { expireIn: HOLD_MS + GRACE_MS });
      const { ok } = await operation.commit();
      if (ok) return true;
    }
  }

  /** As {@linkcode write}; a store that fails has room. */
  async function tryWrite(caller: string, count: number, room?: number): Promise<boolean> {
    try {
      return await retryLocked(() => write(caller, count, room));
    } catch (error) {
      logger.error("Cannot count sessions: {error}", { error });
      return true;
    }
  }

  function keepRenewing(): void {
    if (callers.size > 0) timer ??= setInterval(renew, RENEW_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  }

  async function renew(): Promise<void> {
    if (renewing) return; // the store is slower than that
    renewing = true;
    for (const caller of [...callers.keys()]) {
      await inTurn(caller, async ({ count }) => {
        if (count > 0) await tryWrite(caller, count);
      });
    }
    renewing = false;
  }

  function placeOf(caller: string): AsyncDisposable {
    let given: Promise<void> | undefined;
    return {
      [Symbol.asyncDispose]() {
        return given ??= inTurn(caller, async (held) => {
          held.count--;
          await tryWrite(caller, held.count);
        });
      },
    };
  }

  return {
    take: (caller) =>
      inTurn(caller, async (held) => {
        if (held.count >= perCaller) return undefined; // nobody else need be asked
        if (!await tryWrite(caller, held.count + 1, perCaller)) return undefined;
        held.count++;
        return placeOf(caller);
      }),
  };
}

/** Short, since it stands in every entry. */
function newInstance(): string {
  return crypto.getRandomValues(new Uint8Array(9)).toBase64();
}
