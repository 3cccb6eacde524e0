import { getLogger } from "@logtape/logtape";
import { refuse } from "@/realtime/refusal.ts";
import { refusals } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "auth"]);

/** Refuses what a page of another site asks for; `undefined` where the page may ask. */
export function refuseOrigin(
  headers: Headers,
  allowed: readonly string[] | "*",
): Response | undefined {
  if (isAllowedOrigin(headers, allowed)) return undefined;
  logger.info("Refused a page of {origin}", { origin: headers.get("origin")?.slice(0, 200) });
  refusals.inc({ reason: "origin_not_allowed" });
  return refuse(403, {
    code: "origin_not_allowed",
    message: "Pages of this origin may not call. The operator can allow it with CORS_ORIGINS.",
  });
}

/**
 * Whether the page that a request comes from may make it. Only browsers send `Origin`, and they always do: without
 * this check any web page could talk to a server on its visitor's machine.
 *
 * @param allowed Origins of other sites, or `"*"` for all. The server's own pages always may.
 */
function isAllowedOrigin(headers: Headers, allowed: readonly string[] | "*"): boolean {
  const origin = headers.get("origin");
  if (origin === null || allowed === "*" || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.get("host")?.toLowerCase();
}

/** The key that a caller shows; `undefined` if it shows none. One old client sends it as `api-key`. */
export function readKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  return bearer ?? headers.get("api-key") ?? undefined;
}
