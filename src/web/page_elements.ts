/// <reference lib="dom" />

/**
 * An element of the page, by id.
 *
 * @throws {TypeError} The page has no such element, so page and script do not fit together.
 */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`Cannot find the ${kind.name} "${id}" on the page`);
}
