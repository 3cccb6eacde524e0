import { createHash } from "node:crypto";

/** SHA-256 of a key, in hex, as an operator makes it with `sha256sum`. */
export function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
