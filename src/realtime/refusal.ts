/** Why a connection is refused. */
export interface Refusal {
  /** Machine-readable cause. */
  readonly code: string;
  /** What to do about it, in words. */
  readonly message: string;
  /** The query parameter that is wrong. */
  readonly param?: string;
  /** Of the response. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request for a connection with an error in OpenAI's shape. */
export function refuse(status: number, { code, message, param, headers }: Refusal): Response {
  const error = { type: "invalid_request_error", code, message, param: param ?? null };
  return Response.json({ error }, { status, headers: { ...headers } });
}
