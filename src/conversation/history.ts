import type { Item } from "@/conversation/item.ts";
import type { RankedItem } from "@/conversation/session_store.ts";
import { InvalidRequest } from "@/errors.ts";

/**
 * Most items of a conversation, and bytes of them as JSON. Both are in memory for as long as the session is open;
 * 8 MiB are days of talk, and more than most models read. What is said goes on being written down in a full one, so that it
 * is not lost; it is not answered any more.
 */
export const MAX_ITEMS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** An item that got another rank because the floats between its neighbours ran out. */
export interface MovedItem {
  /** The rank it had. */
  readonly from: number;
  /** The item at its new rank. */
  readonly entry: RankedItem;
}

/** What became of an item that joined the conversation. */
export interface Insertion {
  /** The new item at its rank. */
  readonly entry: RankedItem;
  /** The item before it; `null` if it is the first. */
  readonly previousItemId: string | null;
  /** Items that had to make room: nearly always none, and never any for an item at the end. */
  readonly moved: readonly MovedItem[];
}

/**
 * The items of one conversation, in order, in memory. It stores nothing: whoever changes it writes the entries
 * that it hands back.
 */
export interface History {
  /** Oldest first. */
  items(): readonly Item[];
  /** The item, if it is there. */
  get(itemId: string): Item | undefined;
  /** Whether there is such an item. */
  has(itemId: string): boolean;
  /**
   * Refuses an item for which there is no room. Ask it of what clients bring: what was said is taken in any case.
   *
   * @throws {InvalidRequest} if it is one too many, or too long for what is left
   */
  assertRoom(item: Item): void;
  /** Whether nothing more is answered in it until items are deleted. */
  isFull(): boolean;
  /**
   * Adds an item behind `previousItemId`: `"root"` is the beginning, `null` or `undefined` the end.
   *
   * @throws {InvalidRequest} if there is no such place, the id is taken, or it answers an unknown call
   */
  insert(item: Item, previousItemId: string | null | undefined): Insertion;
  /**
   * Puts a newer version of an item in its place.
   *
   * @throws {RangeError} if it is not there: it may have been deleted, so ask {@linkcode has} first
   */
  replace(item: Item): RankedItem;
  /**
   * Takes an item out.
   *
   * @throws {InvalidRequest} if there is no such item
   */
  remove(itemId: string): RankedItem;
}

/**
 * Makes the history of a conversation from its stored items, which come in order of rank. Of an item stored
 * twice, which a crash between the writes of a move leaves behind, the first counts.
 */
export function createHistory(stored: readonly RankedItem[]): History {
  const entries = firstOfEach(stored);
  const sizes = new Map(entries.map(({ item }) => [item.id, bytesOf(item)]));
  let bytes = sizes.values().reduce((sum, size) => sum + size, 0);

  function weigh(itemId: string, size: number): void {
    bytes += size - (sizes.get(itemId) ?? 0);
    if (size === 0) sizes.delete(itemId);
    else sizes.set(itemId, size);
  }

  function indexOf(itemId: string): number {
    return entries.findIndex(({ item }) => item.id === itemId);
  }

  function idAt(index: number): string | null {
    return entries[index]?.item.id ?? null;
  }

  /** Index that an item behind `previousItemId` gets. */
  function placeBehind(previousItemId: string | null | undefined): number {
    if (previousItemId === "root") return 0;
    if (previousItemId === null || previousItemId === undefined) return entries.length;
    const index = indexOf(previousItemId);
    if (index < 0) {
      throw new InvalidRequest(
        `Cannot create the item: there is no item "${previousItemId}" to put it behind`,
        { code: "item_create_invalid_previous_item_id", param: "previous_item_id" },
      );
    }
    return index + 1;
  }

  function admit(item: Item): void {
    if (indexOf(item.id) >= 0) {
      throw new InvalidRequest(`Cannot create the item: there is an item "${item.id}" already`, {
        code: "item_create_duplicate_id",
        param: "item.id",
      });
    }
    if (item.type === "function_call_output" && !calls(item.call_id)) {
      throw new InvalidRequest(
        `Cannot create the item: there is no function call "${item.call_id}"`,
        { code: "item_create_invalid_call_id", param: "item.call_id" },
      );
    }
  }

  function calls(callId: string): boolean {
    return entries.some(({ item }) => item.type === "function_call" && item.call_id === callId);
  }

  /** Gives every item from `index` on a rank behind all there are, so that no new rank is an old one. */
  function moveBack(index: number): MovedItem[] {
    const last = entries.at(-1)?.rank ?? 0;
    const moved = entries.slice(index).map(({ rank, item }, i) => ({
      from: rank,
      entry: { rank: Math.floor(last) + 2 + i, item },
    }));
    entries.splice(index, moved.length, ...moved.map(({ entry }) => entry));
    return moved;
  }

  return {
    items: () => entries.map(({ item }) => item),
    get: (itemId) => entries[indexOf(itemId)]?.item,
    has: (itemId) => indexOf(itemId) >= 0,

    assertRoom(item) {
      if (entries.length >= MAX_ITEMS || bytes + bytesOf(item) > MAX_BYTES) {
        throw conversationFull("create the item", "item");
      }
    },

    isFull: () => entries.length >= MAX_ITEMS || bytes >= MAX_BYTES,

    insert(item, previousItemId) {
      admit(item);
      const index = placeBehind(previousItemId);
      const before = entries[index - 1]?.rank;
      let rank = rankBetween(before, entries[index]?.rank);
      let moved: MovedItem[] = [];
      if (rank === undefined) {
        moved = moveBack(index);
        rank = rankBetween(before, entries[index]?.rank)!;
      }
      const entry = { rank, item };
      entries.splice(index, 0, entry);
      weigh(item.id, bytesOf(item));
      return { entry, previousItemId: idAt(index - 1), moved };
    },

    replace(item) {
      const index = indexOf(item.id);
      const old = entries[index];
      if (old === undefined) throw new RangeError(`Cannot replace item "${item.id}": not there`);
      weigh(item.id, bytesOf(item));
      return entries[index] = { rank: old.rank, item };
    },

    remove(itemId) {
      const index = indexOf(itemId);
      const [entry] = index < 0 ? [] : entries.splice(index, 1);
      if (entry === undefined) {
        throw new InvalidRequest(`Cannot delete: there is no item "${itemId}"`, {
          code: "item_delete_invalid_item_id",
          param: "item_id",
        });
      }
      weigh(itemId, 0);
      return entry;
    },
  };
}

/**
 * Why something is not done in a conversation that is full.
 *
 * @param param The field of the client's event that asks for it.
 */
export function conversationFull(what: string, param?: string): InvalidRequest {
  return new InvalidRequest(
    `Cannot ${what}: a conversation has ${MAX_ITEMS} items and ${MAX_BYTES} bytes at most. ` +
      "Delete items, or begin a new session",
    { code: "conversation_full", ...(param !== undefined && { param }) },
  );
}

function bytesOf(item: Item): number {
  return new TextEncoder().encode(JSON.stringify(item)).length;
}

/**
 * A rank between two neighbours, either of which may be missing: whole steps at both ends, else the midpoint.
 * `undefined` if no float lies between them, which takes about 50 insertions at one place.
 */
function rankBetween(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined) return after === undefined ? 1 : Math.ceil(after) - 1;
  if (after === undefined) return Math.floor(before) + 1;
  const middle = before + (after - before) / 2;
  return before < middle && middle < after ? middle : undefined;
}

function firstOfEach(stored: readonly RankedItem[]): RankedItem[] {
  const seen = new Set<string>();
  return stored.filter(({ item: { id } }) => !seen.has(id) && seen.add(id));
}
