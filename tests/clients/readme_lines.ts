const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

/** The code of every line of the README's table of clients, under the client's name. */
export const README_LINES: ReadonlyMap<string, string> = new Map(
  [...section("Point your client at it").matchAll(/^\| (`[^|]+?) +\| `([^|`]+)` +\|/gm)]
    .map(([, client = "", code = ""]) => [client.replaceAll("`", ""), code]),
);

/** A server as a line of the README has it, but for the port. */
const README_PORT = /\b8000\b/g;

/**
 * Runs a line of the README against a server.
 *
 * @param scope What the line takes as given: what its client exports, mostly.
 * @returns what the line evaluates to
 */
export function runReadmeLine<T>(
  client: string,
  { server, scope }: {
    readonly server: { readonly url: string };
    readonly scope: Readonly<Record<string, unknown>>;
  },
): T {
  const code = README_LINES.get(client);
  if (code === undefined) throw new Error(`The README has no line for "${client}"`);
  const there = code.replaceAll(README_PORT, new URL(server.url).port);
  return new Function(...Object.keys(scope), `return ${there};`)(...Object.values(scope));
}

function section(heading: string): string {
  return readme.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}
