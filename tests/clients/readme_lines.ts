const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

/** A line of the README's table of clients. */
export interface ReadmeLine {
  /** What the user copies. */
  readonly code: string;
  /** Over which it works, as the README says. */
  readonly schemes: readonly ("ws" | "wss")[];
}

/** All of them, under the names of their clients. */
export const README_LINES: ReadonlyMap<string, ReadmeLine> = new Map(
  [
    ...section("Point your client at it").matchAll(
      /^\| (`[^|]+?) +\| `([^|`]+)` +\| ([^|]+?) +\|/gm,
    ),
  ]
    .map(([, client = "", code = "", schemes = ""]) => [
      client.replaceAll("`", ""),
      { code, schemes: (["ws", "wss"] as const).filter((each) => schemes.includes(`\`${each}\``)) },
    ]),
);

/** A server as a line of the README has it, but for the port. */
const README_PORT = /\b8000\b/g;

/** What {@linkcode runReadmeLine} needs. */
export interface RunOptions {
  /** `http` or `https`; a line that has `ws:` is run with `wss:` in the latter case. */
  readonly server: { readonly url: string };
  /** What the line takes as given: what its client exports, mostly. */
  readonly scope: Readonly<Record<string, unknown>>;
}

/**
 * Runs a line of the README against a server.
 *
 * @returns what the line evaluates to
 */
export function runReadmeLine<T>(client: string, { server, scope }: RunOptions): T {
  const line = README_LINES.get(client);
  if (line === undefined) throw new Error(`The README has no line for "${client}"`);
  const { protocol, port } = new URL(server.url);
  const there = line.code.replaceAll(README_PORT, port)
    .replace(/\bws:/, protocol === "https:" ? "wss:" : "ws:");
  return new Function(...Object.keys(scope), `return ${there};`)(...Object.values(scope));
}

function section(heading: string): string {
  return readme.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
}
