/** What an id names: sessions, conversations, items, responses, function calls, events. */
export type IdPrefix = "sess" | "conv" | "item" | "resp" | "call" | "event";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * Makes an id such as `item_3fK0cY…`: the prefix and 20 random characters of 6 bits each, so that ids of all
 * instances never meet and a session's id cannot be guessed.
 */
export function newId(prefix: IdPrefix): string {
  let id = `${prefix}_`;
  for (const byte of crypto.getRandomValues(new Uint8Array(20))) id += ALPHABET[byte & 63];
  return id;
}
