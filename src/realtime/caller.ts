/**
 * Whether the page that a request comes from may make it. Only browsers send `Origin`, and they always do: without
 * this check any web page could talk to a server on its visitor's machine.
 *
 * @param allowed Origins of other sites, or `"*"` for all. The server's own pages always may.
 */
export function isAllowedOrigin(headers: Headers, allowed: readonly string[] | "*"): boolean {
  const origin = headers.get("origin");
  if (origin === null || allowed === "*" || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.get("host")?.toLowerCase();
}

/** The key that a caller shows; `undefined` if it shows none. One old client sends it as `api-key`. */
export function readKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? headers.get("api-key") ?? undefined;
}
