import type { ArgumentSource, Schema } from "@/engines/llm/scripted/json_arguments.ts";

/** Values of the formats of JSON schema. Dates are made of the clock. */
const FORMATS: Readonly<Record<string, string>> = {
  "email": "user@example.com",
  "uri": "https://example.com/",
  "url": "https://example.com/",
  "hostname": "example.com",
  "ipv4": "192.0.2.1",
  "ipv6": "2001:db8::1",
  "uuid": "00000000-0000-4000-8000-000000000000",
  "duration": "PT1H",
};

/** Plain values by what a property is called, where nothing else is known. First match counts. */
const BY_KEY: readonly (readonly [RegExp, string])[] = [
  [/city|location|place|town|destination|origin/i, "Paris"],
  [/country/i, "France"],
  [/e?mail/i, "user@example.com"],
  [/url|link|website/i, "https://example.com/"],
  [/lang/i, "en"],
  [/currency/i, "USD"],
  [/unit/i, "metric"],
  [/name|user|person/i, "friend"],
];

/** What a string may be drawn from, besides its schema. */
export interface StringSource {
  /** Name of the property. */
  readonly key: string;
  /** What the user said, and when. */
  readonly source: ArgumentSource;
  /** Place among the user's words. */
  readonly place: string | undefined;
}

/** A string that fits its schema: `format`, `minLength` and `maxLength` hold, `pattern` only by luck. */
export function drawString(schema: Schema, { key, source, place }: StringSource): string {
  const format = formatted(`${schema["format"] ?? ""}`, source.now);
  if (format !== undefined) return format;
  const proposed = schema["default"] ??
    (Array.isArray(schema["examples"]) ? schema["examples"][0] : undefined);
  const value = fromWords(key, { key, source, place }) ??
    (typeof proposed === "string" ? proposed : undefined) ??
    formatted(key.toLowerCase(), source.now) ??
    BY_KEY.find(([pattern]) => pattern.test(key))?.[1] ??
    source.text;
  return bounded(value, schema);
}

function fromWords(key: string, { source, place }: StringSource): string | undefined {
  if (/city|location|place|town|destination/i.test(key)) return place;
  if (/^(user_?|first_?|full_?)?name$/i.test(key)) return source.name;
  return /^(query|question|text|message|prompt|q|input|content)$/i.test(key)
    ? source.text || undefined
    : undefined;
}

function formatted(format: string, now: number): string | undefined {
  const iso = new Date(now).toISOString();
  if (format === "date-time") return iso;
  if (format === "date") return iso.slice(0, 10);
  if (format === "time") return iso.slice(11, 19) + "Z";
  return FORMATS[format];
}

function bounded(value: string, schema: Schema): string {
  const most = Number(schema["maxLength"] ?? Infinity);
  const least = Number(schema["minLength"] ?? 0);
  return [...value].slice(0, most).join("").padEnd(least, "x");
}
