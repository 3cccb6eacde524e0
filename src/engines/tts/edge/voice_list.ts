import { z } from "zod";
import { basicAuth } from "@/engines/basic_auth.ts";
import { library, PUBLIC_URL } from "@/engines/tts/edge/library.ts";

/** The path at which the service speaks, and the one beside it at which it lists its voices. */
const SPEAKS = /\/edge\/v1\/?$/;
const LISTS = "/voices/list";

/** The service's list: some 300 objects, of which the name is enough, since it begins with the locale. */
const Voices = z.array(z.object({ ShortName: z.string() }));

/** Whom to ask, and until when to wait. */
export interface FetchVoicesOptions {
  /** The WebSocket of the service; `undefined` is the public one. */
  readonly url: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks the service for the names of its voices.
 *
 * Where there is a relay, it is asked, and nobody else: who has one may have no other way out. A relay whose path
 * does not end as the service's does has no path beside it that could be known, and is not asked.
 *
 * The package's own `getVoices()` has neither a deadline nor a way to end it, takes proxies from the environment,
 * and shows the service less than those who connect must show. So it is asked here; what is to be shown stands in
 * the query of the address that the package would connect to.
 *
 * @returns `undefined` where nobody was asked.
 * @throws if the list cannot be had.
 */
export async function fetchVoices(
  { url = PUBLIC_URL, signal }: FetchVoicesOptions,
): Promise<readonly string[] | undefined> {
  const { protocol, host, pathname } = new URL(url);
  if (!SPEAKS.test(pathname)) return undefined;
  const shown = new URL(await library.getSynthUrl()).searchParams;
  const version = shown.get("Sec-MS-GEC-Version") ?? "";
  const list = new URL(`${protocol.replace("ws", "http")}//${host}`);
  list.pathname = pathname.replace(SPEAKS, LISTS);
  list.searchParams.set("trustedclienttoken", shown.get("TrustedClientToken") ?? "");
  list.searchParams.set("Sec-MS-GEC", shown.get("Sec-MS-GEC") ?? "");
  list.searchParams.set("Sec-MS-GEC-Version", version);
  const headers = { "user-agent": userAgent(version), ...basicAuth(url) };
  const response = await fetch(list, { signal, headers });
  if (response.ok) return Voices.parse(await response.json()).map(({ ShortName }) => ShortName);
  await response.body?.cancel();
  throw new Error(`${host} answered ${response.status}`);
}

/** What Edge calls itself: the service refuses others at times. The version is `1-143.0.3650.96`. */
function userAgent(version: string): string {
  const major = /\d+(?=\.)/.exec(version)?.[0] ?? "143";
  return "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
    `Chrome/${major}.0.0.0 Safari/537.36 Edg/${major}.0.0.0`;
}
