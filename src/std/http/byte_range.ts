/** Bytes of a file, the first and the last one included. */
export interface ByteRange {
  /** 0 is the file's first byte. */
  readonly start: number;
  /** {@inheritDoc ByteRange.start} */
  readonly end: number;
}

/**
 * What a `Range` header asks of a file of `size` bytes: a range within the file, `"unsatisfiable"`, or
 * `undefined` for the whole file, as where the header is not understood or asks for several ranges.
 */
export function parseRange(
  header: string | null,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (size === 0 || (!first && !last)) return undefined;

  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start > end ? "unsatisfiable" : { start, end };
}

/** Lets so many bytes through and then ends the stream, its source too. */
export function limitBytes(limit: number): TransformStream<Uint8Array, Uint8Array> {
  let left = limit;
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}
