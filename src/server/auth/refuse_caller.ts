import { getLogger } from "@logtape/logtape";
import { errorResponse } from "@/server/errors.ts";
import { refusals } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "auth"]);

/** Seconds after which a caller may ask again whose token could not be checked. */
const RETRY_AFTER_S = 10;

const WHAT_TO_SEND = "Send a key or a token as 'Authorization: Bearer …'.";

/** What a caller is told about what it showed. Nothing in it helps to guess a key. */
const MESSAGES = {
  no_credentials: `The API key is missing. ${WHAT_TO_SEND}`,
  key_unknown: `The API key is wrong. ${WHAT_TO_SEND}`,
  secret_unknown: "There is no such client secret, or no longer.",
  secret_misplaced: "A client secret opens conversations and nothing else.",
  token_malformed: "The token is no signed JSON Web Token.",
  token_algorithm: "The token is signed by an algorithm that is not accepted here.",
  token_key_unknown: "The token is signed by a key that is not known here.",
  token_signature: "The signature of the token is wrong.",
  token_issuer: "The token is of another issuer.",
  token_audience: "The token is for another audience.",
  token_subject: "The token names no subject.",
  token_expiry: "The token does not say when it expires.",
  token_expired: "The token has expired.",
  token_not_yet_valid: "The token is not valid yet.",
  token_unverifiable: "Tokens cannot be checked at the moment.",
} as const;

/** Why a caller is not let in: a label of the metric, and what the log says. */
export type AuthFailure = keyof typeof MESSAGES;

/** All of them. */
export const AUTH_FAILURES = Object.keys(MESSAGES) as readonly AuthFailure[];

/** Whose credential it is, or why it is none. */
export type Verdict = { readonly subject: string } | { readonly failure: AuthFailure };

/**
 * Answers a caller who is not let in, and logs and counts why; never what it showed. A token that could not be
 * checked may be a good one: its caller is asked to come back.
 */
export function refuseCaller(failure: AuthFailure): Response {
  logger.info("Refused a caller: {reason}", { reason: failure });
  refusals.inc({ reason: failure });
  const message = MESSAGES[failure];
  return failure === "token_unverifiable"
    ? errorResponse(503, { type: "server_error", code: failure, message }, {
      "retry-after": String(RETRY_AFTER_S),
    })
    : errorResponse(401, { type: "invalid_request_error", code: "invalid_api_key", message }, {
      "www-authenticate": "Bearer",
    });
}
