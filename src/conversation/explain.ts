import type { ClientFacingError } from "@/conversation/client.ts";
import { EngineError, type EngineFailure } from "@/errors.ts";

/** What an engine did, in words for people. */
const FAILURES: Readonly<Record<EngineFailure, string>> = {
  unavailable: "cannot be reached",
  timeout: "did not answer in time",
  overloaded: "has too much to do",
  displaced: "has more urgent work to do",
  denied: "does not let this server in",
  rejected: "refused the request",
  malformed: "gave an answer that makes no sense",
  crashed: "broke down",
};

/** Says what failed in words that a client may read. */
export function explain(error: unknown): ClientFacingError {
  return error instanceof EngineError
    ? {
      type: "server_error",
      code: `engine_${error.failure}`,
      message: `The engine "${error.engine}" ${FAILURES[error.failure]}`,
    }
    : { type: "server_error", code: "internal_error", message: "The server failed to answer" };
}
