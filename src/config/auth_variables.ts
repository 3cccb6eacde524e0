import { createHash } from "node:crypto";
import { z } from "zod";
import { type Exposure, exposureOf } from "@/config/listen_variables.ts";
import { isLoopback, splitList } from "@/config/values.ts";
import type { ConfigProblem } from "@/errors.ts";

/** What callers may show; there is at least one way. */
export interface AuthConfig {
  /** SHA-256 digests of the keys that are accepted, in 64 lower-case hex digits. */
  readonly keyDigests: readonly string[];
  /** Which tokens are accepted; none without it. */
  readonly tokens: TokenConfig | undefined;
}

/** Which JSON Web Tokens are accepted. Of `secret` and `jwksUrl` there is at least one. */
export interface TokenConfig {
  /** Of HS256 tokens. */
  readonly secret: string | undefined;
  /** Where the public keys of RS, ES and EdDSA tokens are. */
  readonly jwksUrl: string | undefined;
  /** `iss` of every token; any without it. */
  readonly issuer: string | undefined;
  /** What `aud` of every token names; anything without it. */
  readonly audience: string | undefined;
}

/** Shortest secret of HS256 tokens, in bytes: as long as the digest (RFC 7518 section 3.2). */
const MIN_SECRET_BYTES = 32;

/** Shortest key that other machines may try to guess, in characters. */
const MIN_KEY_LENGTH = 16;

const HASHED = "sha256:";

/** Digest of the empty key, which is no key: what a script makes of a variable that is not set. */
const EMPTY_DIGEST = createHash("sha256").digest("hex");

/** A key as it is, or its digest after `sha256:`. No message repeats it. */
const ApiKey = z.string()
  .regex(/^[\x21-\x7e]+$/, "a key must be of printable ASCII characters, without spaces")
  .refine((key) => !key.startsWith("ek_"), "a key must not begin as client secrets do: ek_")
  .refine(
    (key) => !key.startsWith(HASHED) || /^[0-9a-f]{64}$/i.test(key.slice(HASHED.length)),
    "after sha256: must come the 64 hex digits of a key's digest",
  )
  .refine(
    (key) => digestOf(key) !== EMPTY_DIGEST,
    `sha256:${EMPTY_DIGEST} is the digest of an empty key: whatever was to be hashed was empty`,
  );

/** The variables that say who may call. */
export const AUTH_VARIABLES = {
  AUTH: z.enum(["auto", "none"], "must be auto or none").default("auto").meta({
    description:
      "`none` lets everybody in; `auto` asks for a key or a token as soon as one of the next three is set",
  }),
  API_KEYS: z.string().default("").transform(splitList).pipe(z.array(ApiKey)).meta({
    description:
      `keys of callers, separated by commas; off loopback ${MIN_KEY_LENGTH} characters or more, or \`sha256:\` and its ` +
      "digest (`printf %s KEY | sha256sum`)",
  }),
  JWT_SECRET: z.string().refine(
    (secret) => new TextEncoder().encode(secret).length >= MIN_SECRET_BYTES,
    `must be ${MIN_SECRET_BYTES} bytes long at least`,
  ).optional().meta({
    description:
      `accepts JSON Web Tokens signed with it (HS256); ${MIN_SECRET_BYTES} bytes or more`,
  }),
  JWKS_URL: z.string().refine(
    isTrustworthy,
    "must be the https URL of a key set (http on this machine alone): whoever changes it on its way lets in " +
      "whom they like",
  ).optional().meta({
    description: "accepts those signed with a key of the set that is there (RS, ES, EdDSA); https",
  }),
  JWT_ISSUER: z.string().optional().meta({
    description: "`iss` of accepted tokens",
    unset: "any",
  }),
  JWT_AUDIENCE: z.string().optional().meta({
    description: "what their `aud` must name",
    unset: "any",
  }),
};

/** Makes of the variables what callers must show. */
export function readAuth(
  { API_KEYS, JWT_SECRET, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE }: {
    readonly API_KEYS: readonly string[];
    readonly JWT_SECRET?: string | undefined;
    readonly JWKS_URL?: string | undefined;
    readonly JWT_ISSUER?: string | undefined;
    readonly JWT_AUDIENCE?: string | undefined;
  },
): AuthConfig | "none" {
  const tokens = JWT_SECRET === undefined && JWKS_URL === undefined ? undefined : {
    secret: JWT_SECRET,
    jwksUrl: JWKS_URL,
    issuer: JWT_ISSUER,
    audience: JWT_AUDIENCE,
  };
  if (API_KEYS.length === 0 && tokens === undefined) return "none";
  return { keyDigests: API_KEYS.map(digestOf), tokens };
}

/** Whoever can reach the server may use it: that must be a decision, not an accident. */
export function authProblems(env: Readonly<Record<string, string>>): ConfigProblem[] {
  const { AUTH, API_KEYS, ...others } = env;
  const keys = splitList(API_KEYS ?? "").length > 0 ? ["API_KEYS"] : [];
  const trust = ["JWT_SECRET", "JWKS_URL"].filter((variable) => variable in others);
  const terms = ["JWT_ISSUER", "JWT_AUDIENCE"].filter((variable) => variable in others);

  const set = [...keys, ...trust, ...terms];
  if (AUTH === "none" && set.length > 0) {
    const message = `is none, yet ${set.join(", ")} is set: unset the one or the other`;
    return [{ variable: "AUTH", message }];
  }
  const idle = trust.length > 0 ? [] : terms.map((variable) => ({
    variable,
    message: "does nothing without JWT_SECRET or JWKS_URL",
  }));
  const exposure = exposureOf(env);
  if (exposure === undefined || AUTH === "none") return idle;
  if (keys.length === 0 && trust.length === 0) return [...idle, unguarded(exposure)];
  return splitList(API_KEYS ?? "").some(isShort) ? [...idle, guessable(exposure)] : idle;
}

/** Of a digest nobody knows how long the key is. */
function isShort(key: string): boolean {
  return !key.startsWith(HASHED) && key.length < MIN_KEY_LENGTH;
}

function guessable({ by }: Exposure): ConfigProblem {
  const message =
    `${by} lets other machines in, who could guess a key of less than ${MIN_KEY_LENGTH} characters. ` +
    "This makes a long one: openssl rand -hex 24";
  return { variable: "API_KEYS", message };
}

function unguarded({ variable, by }: Exposure): ConfigProblem {
  return {
    variable,
    message: [
      `${by} lets other machines in, and no authentication is configured. Set one of these:`,
      "      API_KEYS=<a long random key>   # callers must show it; or tokens: JWT_SECRET, JWKS_URL",
      "      AUTH=none                      # everyone who can reach the port may use it",
    ].join("\n"),
  };
}

function digestOf(key: string): string {
  return key.startsWith(HASHED)
    ? key.slice(HASHED.length).toLowerCase()
    : createHash("sha256").update(key).digest("hex");
}

function isTrustworthy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}
