import { errorResponse } from "@/server/errors.ts";
import { refusals } from "@/telemetry/metrics.ts";

/** Seconds after which a caller may ask again for what others use now. */
export const RETRY_FULL_S = 5;

/** Why a caller is sent away, and until when. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly retryAfterS: number;
}

/** Sends a caller away, with when to come again: 429 where it has had enough, 503 where the server has. */
export function sendAway(status: 429 | 503, { code, message, retryAfterS }: Refusal): Response {
  refusals.inc({ reason: code });
  const type = status === 503 ? "server_error" : "invalid_request_error";
  return errorResponse(status, { type, code, message }, { "retry-after": String(retryAfterS) });
}
