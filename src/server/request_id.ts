import { withLogContext } from "@/telemetry/logging.ts";

/** Header of a request's id: the caller's if it brings one, told back with every answer. */
export const REQUEST_ID = "x-request-id";

/** What other programs use: UUIDs, hexadecimal and base64url numbers, with a prefix perhaps. */
const SANE = /^[\w.:-]{1,100}$/;

/** Answers a request with its id in every line that is logged meanwhile, and in the answer. */
export async function withRequestId(
  request: Request,
  handle: () => Response | Promise<Response>,
): Promise<Response> {
  const brought = request.headers.get(REQUEST_ID) ?? "";
  const requestId = SANE.test(brought) ? brought : crypto.randomUUID();
  const response = await withLogContext({ requestId }, handle);
  response.headers.set(REQUEST_ID, requestId); // on this very object: an upgrade's must reach Deno untouched
  return response;
}
