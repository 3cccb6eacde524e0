import { z } from "zod";
import { Item } from "@/conversation/item.ts";
import { fromParts } from "@/conversation/kv_parts.ts";
import type { RankedItem, StoredSession } from "@/conversation/session_store.ts";
import { SessionSettings } from "@/conversation/settings.ts";

const Bytes = z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array);

/** What is stored of a session under its own key. */
export const Head: z.ZodType<Head> = z.object({
  owner: z.string(),
  conversationId: z.string(),
  expiresAt: z.number(),
  refreshedAt: z.number(),
  settings: Bytes,
});

/** {@inheritDoc Head} */
export interface Head {
  /** Who may resume the session. */
  readonly owner: string;
  /** As its client knows it. */
  readonly conversationId: string;
  /** When the session is forgotten, in ms since 1970. */
  readonly expiresAt: number;
  /** When every entry of it was last written anew, in ms since 1970. */
  readonly refreshedAt: number;
  /** First part of the settings; further ones have keys of their own. */
  readonly settings: Uint8Array<ArrayBuffer>;
}

/** Who serves a session. */
export interface Lease {
  /** The serving process, for whoever looks into the store. */
  readonly instance: string;
  /** The serving connection: no two leases have the same. */
  readonly token: string;
}

/** Where everything of one session is stored. */
export interface SessionKeys {
  /** Of what is always there: a {@linkcode Head}. All other keys begin with it. */
  readonly head: Deno.KvKey;
  /** Of the {@linkcode Lease}, while somebody serves the session. */
  readonly lease: Deno.KvKey;
  /** Of a part of the settings from the second on, which is part 1. */
  settings(part: number): Deno.KvKey;
  /** Of an item; with `part`, of a part of it from the second on, which is part 1. */
  item(rank: number, part?: number): Deno.KvKey;
}

/** Makes the keys of a session: the one place where they are written. */
export function keysOf(id: string): SessionKeys {
  const head = ["sessions", id];
  return {
    head,
    lease: [...head, "lease"],
    settings: (part) => [...head, "settings", part],
    item: (rank, part) => [...head, "items", rank, ...(part === undefined ? [] : [part])],
  };
}

/** What is stored of a session. */
export interface StoredContent {
  /** The session, complete. */
  readonly session: StoredSession;
  /** Its items, in order. */
  readonly items: readonly RankedItem[];
  /** How many parts the settings take. */
  readonly settingsParts: number;
  /** How many parts each item takes, by rank. */
  readonly itemParts: ReadonlyMap<number, number>;
}

/**
 * Reads a session from its head and all entries below it, in order.
 *
 * @throws if anything there is not what this server writes
 */
export async function readContent(
  id: string,
  head: Head,
  entries: readonly Deno.KvEntry<unknown>[],
): Promise<StoredContent> {
  const settings = [head.settings];
  const items = new Map<number, Uint8Array<ArrayBuffer>[]>();
  for (const { key: [, , kind, place], value } of entries) {
    if (kind === "settings") settings.push(Bytes.parse(value));
    if (kind !== "items") continue;
    const rank = z.number().parse(place);
    items.set(rank, [...items.get(rank) ?? [], Bytes.parse(value)]);
  }
  return {
    session: {
      id,
      owner: head.owner,
      conversationId: head.conversationId,
      settings: SessionSettings.parse(await fromParts(settings)),
    },
    items: await Promise.all(
      items.entries().map(async ([rank, parts]) => ({
        rank,
        item: Item.parse(await fromParts(parts)),
      })),
    ),
    settingsParts: settings.length,
    itemParts: new Map(items.entries().map(([rank, parts]) => [rank, parts.length])),
  };
}
