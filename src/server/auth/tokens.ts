import { createHash } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyResult } from "jose";
import { z } from "zod";
import type { TokenConfig } from "@/config.ts";
import { createKeySet, KeySetUnavailable } from "@/server/auth/key_set.ts";
import type { AuthFailure, Verdict } from "@/server/auth/refuse_caller.ts";

/** Judges a token. */
export type JudgeToken = (token: string) => Promise<Verdict>;

/** How a token is judged. */
export interface TokensOptions {
  /** ms since 1970. @default {Date.now} */
  readonly now?: () => number;
}

/** How far our clock and an issuer's may differ, in s. */
const CLOCK_SKEW_S = 30;

/** Each key serves its own algorithms and no other: a public key can never be taken for a secret. */
const SECRET_ALGORITHMS = ["HS256"];
const PUBLIC_ALGORITHMS = [
  ...["RS256", "RS384", "RS512"],
  ...["ES256", "ES384", "ES512"],
  ...["EdDSA", "Ed25519"],
];

/** Whose a token is. */
const Claims = z.object({ iss: z.string().optional(), sub: z.string().min(1) });

/** What is wrong with a token, by the code of jose's error. */
const FAILURES: Readonly<Record<string, AuthFailure>> = {
  [errors.JOSEAlgNotAllowed.code]: "token_algorithm",
  [errors.JWKSNoMatchingKey.code]: "token_key_unknown",
  [errors.JWKSMultipleMatchingKeys.code]: "token_key_unknown",
  [errors.JWSSignatureVerificationFailed.code]: "token_signature",
  [errors.JWTExpired.code]: "token_expired",
};

/** The same by the claim that is missing or wrong. */
const CLAIM_FAILURES: Readonly<Record<string, AuthFailure>> = {
  iss: "token_issuer",
  aud: "token_audience",
  sub: "token_subject",
  exp: "token_expiry",
  nbf: "token_not_yet_valid",
};

/** Whether a credential is a JSON Web Token by its looks, signed or not. */
export function isToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

/**
 * Makes the check of JSON Web Tokens (RFC 7519): signed by the secret or by a key of the set, for us, in time,
 * and with a subject. A subject is one of its issuer; what owns sessions is its digest, since `sub` is often an
 * e-mail address, and must not pass for a key's.
 */
export function createTokenJudge(
  { secret, jwksUrl, issuer, audience }: TokenConfig,
  { now = Date.now }: TokensOptions = {},
): JudgeToken {
  const secretKey = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const keySet = jwksUrl === undefined ? undefined : createKeySet(jwksUrl);

  async function verify(token: string): Promise<JWTVerifyResult> {
    const terms = {
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now()),
    };
    const { alg = "none" } = decodeProtectedHeader(token);
    if (secretKey !== undefined && SECRET_ALGORITHMS.includes(alg)) {
      return await jwtVerify(token, secretKey, { ...terms, algorithms: SECRET_ALGORITHMS });
    }
    if (keySet !== undefined && PUBLIC_ALGORITHMS.includes(alg)) {
      return await jwtVerify(token, keySet, { ...terms, algorithms: PUBLIC_ALGORITHMS });
    }
    throw new errors.JOSEAlgNotAllowed(`"${alg}" is not accepted`);
  }

  return async (token) => {
    try {
      const { payload } = await verify(token);
      const claims = Claims.safeParse(payload);
      return claims.success ? { subject: subjectOf(claims.data) } : { failure: "token_subject" };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  };
}

function subjectOf({ iss, sub }: z.infer<typeof Claims>): string {
  const digest = createHash("sha256").update(JSON.stringify([iss ?? null, sub])).digest("hex");
  return `jwt_${digest.slice(0, 32)}`;
}

function failureOf(error: unknown): AuthFailure {
  if (error instanceof KeySetUnavailable) return "token_unverifiable";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return CLAIM_FAILURES[error.claim] ?? "token_malformed";
  }
  return error instanceof errors.JOSEError
    ? FAILURES[error.code] ?? "token_malformed"
    : "token_malformed";
}
