import { z } from "zod";
import { explain } from "@/conversation/explain.ts";
import { EngineError, type EngineFailure, InvalidRequest } from "@/errors.ts";

/** The body of every refusal, as OpenAI's API writes it. */
export const ErrorBody = z.object({
  error: z.object({
    type: z.enum(["invalid_request_error", "server_error"]),
    code: z.string().describe("Machine-readable cause."),
    message: z.string().describe("For people."),
    param: z.string().nullable().describe("The field or parameter that is wrong."),
  }),
}).meta({ title: "Error" });

/** An error as OpenAI's API tells it. */
export interface ApiError {
  /** Whose fault it is. */
  readonly type: "invalid_request_error" | "server_error";
  /** Machine-readable cause, e.g. `"not_found"`. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** The parameter that is wrong. */
  readonly param?: string | null;
}

/** Answers a request with an error. */
export function errorResponse(
  status: number,
  { type, code, message, param }: ApiError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body: z.infer<typeof ErrorBody> = { error: { type, code, message, param: param ?? null } };
  return Response.json(body, { status, headers: { ...headers } });
}

/** How a request is answered that failed. */
export interface Failure {
  readonly status: number;
  readonly error: ApiError;
  readonly headers: Readonly<Record<string, string>>;
}

/** Failures of an engine after which the same request may succeed. */
const PASSING: readonly EngineFailure[] = ["unavailable", "timeout", "overloaded"];

/** Seconds after which it may be tried again, where the engine does not say. */
const RETRY_AFTER_S = 5;

/** Says what became of a request that ended in an error. Tells no more than a caller may know. */
export function failureOf(error: unknown): Failure {
  if (error instanceof InvalidRequest) {
    const { code, message, param } = error;
    return {
      status: 400,
      error: { type: "invalid_request_error", code, message, param },
      headers: {},
    };
  }
  if (error instanceof EngineError && PASSING.includes(error.failure)) {
    const seconds = Math.ceil((error.retryAfterMs ?? RETRY_AFTER_S * 1000) / 1000);
    return {
      status: 503,
      error: explain(error),
      headers: { "retry-after": String(seconds) },
    };
  }
  return { status: 500, error: explain(error), headers: {} };
}
