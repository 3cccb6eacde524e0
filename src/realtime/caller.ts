import { getLogger } from "@logtape/logtape";
import { refuse } from "@/realtime/refusal.ts";
import { refusals } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "auth"]);

/** Refuses what a page of another site asks for; `undefined` where the page may ask. */
export function refuseOrigin(
  { headers, url }: Pick<Request, "headers" | "url">,
  allowed: readonly string[] | "*",
): Response | undefined {
  const origin = headers.get("origin");
  if (origin === null || isAllowedOrigin(origin, { url, allowed })) return undefined;
  logger.info("Refused a page of {origin}", { origin: origin.slice(0, 200) });
  refusals.inc({ reason: "origin_not_allowed" });
  return refuse(403, {
    code: "origin_not_allowed",
    message: "Pages of this origin may not call. The operator can allow it with CORS_ORIGINS.",
  });
}

/**
 * Whether a page may make a request. Only browsers send `Origin`, and they always do: without this check any web page
 * could talk to a server on its visitor's machine.
 *
 * The server's own pages always may. Hosts are compared, not schemes: behind a proxy with TLS the page's is https, and
 * the request's http. The host is the URL's, for HTTP/2 has no header `Host`.
 *
 * @param allowed Origins of other sites, or `"*"` for all.
 */
function isAllowedOrigin(
  origin: string,
  { url, allowed }: { readonly url: string; readonly allowed: readonly string[] | "*" },
): boolean {
  if (allowed === "*" || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === new URL(url).host;
}

/** The key that a caller shows; `undefined` if it shows none or an empty one. One old client sends it as `api-key`. */
export function readKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? (headers.get("api-key") || undefined);
}
