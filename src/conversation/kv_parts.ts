import { InvalidRequest } from "@/errors.ts";

/** Longest part, in bytes. Deno KV takes values of up to 65,536 as it serialises them. */
const PART_BYTES = 60_000;

/**
 * Longest JSON, in bytes. All parts go into one atomic commit, which takes 819,200 with keys and the rest of what
 * is written along.
 */
const MAX_BYTES = 720_000;

/** A value as Deno KV can hold it. There is always a first part. */
export type Parts = readonly [
  first: Uint8Array<ArrayBuffer>,
  ...rest: Uint8Array<ArrayBuffer>[],
];

/**
 * Refuses what could not be stored, before anything is done with it.
 *
 * @param what of a client's request the value is, for the error: `"item"` or `"session"`
 * @throws {InvalidRequest} if the value is longer than 720,000 bytes
 */
export function assertStorable(value: unknown, what: string): void {
  toParts(value, what);
}

/**
 * Writes a value as JSON, in parts. They are bytes: a string with a single character beyond Latin-1 would take
 * two bytes for every one of its characters.
 *
 * @param what of a client's request the value is, for the error: `"item"` or `"session"`
 * @throws {InvalidRequest} if the value is longer than 720,000 bytes
 */
export function toParts(value: unknown, what: string): Parts {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.length > MAX_BYTES) {
    throw new InvalidRequest(
      `Cannot store the ${what}: it takes ${bytes.length} bytes, and ${MAX_BYTES} is the most`,
      { code: `${what}_too_large`, param: what },
    );
  }
  const rest: Uint8Array<ArrayBuffer>[] = [];
  for (let start = PART_BYTES; start < bytes.length; start += PART_BYTES) {
    rest.push(bytes.slice(start, start + PART_BYTES));
  }
  return [bytes.slice(0, PART_BYTES), ...rest];
}

/**
 * Reads what {@linkcode toParts} wrote.
 *
 * @throws {TypeError} if the bytes are no UTF-8
 * @throws {SyntaxError} if they are no JSON
 */
export async function fromParts(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<unknown> {
  const bytes = await new Blob([...parts]).bytes();
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
