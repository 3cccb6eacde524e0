import { z } from "zod";

/** A whole number in words of digits. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z.string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: ({ input }) => `must be a whole number from ${min} to ${max}, not "${input}"`,
    })
    .transform(Number);
}

/** A URL with one of the protocols, e.g. `["https:", "http:"]`. */
export function url(protocols: readonly string[]): z.ZodType<string, string> {
  return z.string().refine(
    (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
    {
      error: ({ input }) =>
        `must be a URL that begins with ${or(protocols)}, not "${withoutLogin(String(input))}"`,
    },
  );
}

/** A key that is shown in a header, which takes nothing else. No message repeats it. */
export function headerKey(): z.ZodType<string, string> {
  return z.string().regex(
    /^[\x20-\x7e]+$/,
    "must be of printable ASCII characters: are there typographic quotes around it?",
  );
}

/** A URL that an engine writes more behind: a path, or a query of its own. */
export function baseUrl(protocols: readonly string[]): z.ZodType<string, string> {
  return url(protocols).refine(
    (text) => !/[?#]/.test(text),
    "must have neither a query nor a fragment: the engine writes more behind it",
  );
}

/** Whether a host, as a URL or a socket names it, is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || /^\[?::1\]?$/.test(host) || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What stands between commas, without blanks around it. */
export function splitList(text: string): string[] {
  return splitAt(text, ",");
}

/** What stands between such marks, without blanks around it. */
export function splitAt(text: string, mark: string): string[] {
  return text.split(mark).map((entry) => entry.trim()).filter((entry) => entry !== "");
}

/** A BCP 47 tag in its canonical form. */
export function canonicalLanguage(text: string, context: z.RefinementCtx): string {
  try {
    return Intl.getCanonicalLocales(text)[0] ?? text;
  } catch {
    context.addIssue(`must be a language tag such as en or de-CH, not "${text}"`);
    return z.NEVER;
  }
}

/** Origins separated by commas, or `*` for all. */
export function readOrigins(text: string, context: z.RefinementCtx): readonly string[] | "*" {
  if (text === "*") return "*";
  const origins = splitList(text);
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      context.addIssue(`must be * or origins such as https://example.org, not "${origin}"`);
    }
  }
  return origins;
}

/** A URL, or what was meant for one, without the user and password in it. */
function withoutLogin(text: string): string {
  return text.replace(/^(\w+:\/*)?.*@/, "$1…@");
}

function or(protocols: readonly string[]): string {
  return protocols.map((protocol) => `${protocol}//`).join(" or ");
}
