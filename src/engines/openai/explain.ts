import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { z } from "zod";
import { failureOfStatus, readRetryAfter } from "@/engines/http_status.ts";
import { EngineError, type EngineErrorOptions, type EngineFailure } from "@/errors.ts";

/** Name of all three engines that speak this API. */
export const OPENAI = "openai";

/**
 * Says what an error of the package means. The message names the server, its status and its codes; the server's
 * own words are left out, since some servers repeat the caller's key or what the user said.
 */
export function explainOpenAiError(error: unknown, origin: string): EngineError {
  const fail = (what: string, options: Omit<EngineErrorOptions, "engine">) =>
    new EngineError(`${OPENAI} at ${origin} ${what}`, { engine: OPENAI, ...options });

  if (error instanceof EngineError) return error;
  if (error instanceof APIConnectionTimeoutError) return fail("timed out", { failure: "timeout" });
  if (error instanceof APIConnectionError) {
    return fail(`cannot be reached: ${innermost(error)}`, { failure: "unavailable" });
  }
  if (error instanceof APIError) {
    const codes = codesOf(error);
    if (error.status === undefined) {
      return fail(`broke its answer off${codes}`, { failure: "unavailable" });
    }
    return fail(`answered ${error.status}${codes}`, {
      failure: failureOf(error.status, error),
      retryAfterMs: readRetryAfter(error.headers?.get("retry-after")),
    });
  }
  if (error instanceof z.ZodError) {
    const field = error.issues[0]?.path.join(".") || "answer";
    return fail(`gave an answer whose ${field} is not what it should be`, { failure: "malformed" });
  }
  if (error instanceof SyntaxError) {
    return fail("gave an answer that is no JSON", { failure: "malformed" });
  }
  return fail(`broke the connection: ${innermost(error)}`, { failure: "unavailable" });
}

function failureOf(status: number, { code, type }: APIError): EngineFailure {
  const broke = code === "insufficient_quota" || type === "insufficient_quota";
  return broke ? "denied" : failureOfStatus(status);
}

/** Machine-readable causes; anything longer or with spaces is prose, which may hold anything. */
function codesOf({ code, type, param }: APIError): string {
  const codes = [code, type, param].filter((each) =>
    typeof each === "string" && /^[a-z][a-z0-9_.]{1,40}$/.test(each)
  );
  return codes.length > 0 ? ` (${[...new Set(codes)].join(", ")})` : "";
}

/**
 * What is at the bottom of an error: the last of its causes, and of that the end of a chain such as "error sending
 * request for url (…): client error (Connect): Connection refused".
 */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message.split(": ").at(-1)! : innermost(error.cause);
}
