/** An object without those of its fields that may be `null` or `undefined`, where they are. */
export type PresentFields<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Leaves out the fields that a client left out, or wrote as `null`. */
export function presentFields<T extends object>(fields: T): PresentFields<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  ) as PresentFields<T>;
}
