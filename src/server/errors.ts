import { z } from "zod";

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
