import type { Insertion } from "@/conversation/history.ts";
import type { SessionRecord } from "@/conversation/session_store.ts";

/**
 * Writes what an insertion changed. The order of the writes is such that a crash between any two of them leaves
 * the order of the conversation right: items that moved are first written anew behind all others, and their old
 * entries go from the last to the first. Of an item that is there twice, the first counts.
 */
export async function storeInsertion(
  record: Pick<SessionRecord, "put" | "remove">,
  { entry, moved }: Insertion,
): Promise<void> {
  for (const { entry: there } of moved) await record.put(there);
  for (const { from } of moved.toReversed()) await record.remove(from);
  await record.put(entry);
}
