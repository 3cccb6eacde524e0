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
  return Response.json({ error: { type, code, message, param: param ?? null } }, {
    status,
    headers: { ...headers },
  });
}
