import type { Item } from "@/conversation/item.ts";
import type { RankedItem } from "@/conversation/session_store.ts";
import { InvalidRequest } from "@/errors.ts";

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
  /** The item before this one; `null` if it is the first, or not there. */
  previousId(itemId: string): string | null;
  /** The newest item; `null` if there is none. */
  lastId(): string | null;
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
    previousId: (itemId) => idAt(indexOf(itemId) - 1),
    lastId: () => idAt(entries.length - 1),

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
      return { entry, previousItemId: idAt(index - 1), moved };
    },

    replace(item) {
      const index = indexOf(item.id);
      const old = entries[index];
      if (old === undefined) throw new RangeError(`Cannot replace item "${item.id}": not there`);
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
      return entry;
    },
  };
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
