/** Comments between which a part of a page is written by a program. */
export interface Part {
  readonly begin: string;
  readonly end: string;
}

/**
 * Replaces a part of a page of Markdown, and leaves the comments around it.
 *
 * @throws {TypeError} If the page does not say where the part is.
 */
export function replacePart(page: string, { begin, end }: Part, text: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new TypeError(`The page does not say where to write: ${begin}`);
  return [before, begin, "\n\n", text, "\n\n", end, after].join("");
}

/** Writes a table in Markdown. */
export function writeTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
