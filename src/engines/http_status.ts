import type { EngineFailure } from "@/errors.ts";

/** What the status of a refused request means. */
export function failureOfStatus(status: number): EngineFailure {
  if (status === 429 || status === 503) return "overloaded";
  if (status === 401 || status === 402 || status === 403) return "denied";
  if (status === 408 || status === 504) return "timeout";
  return status >= 500 ? "unavailable" : "rejected";
}

/**
 * The ms until a server wants to be asked again, of its header `Retry-After`: seconds, or a date.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function readRetryAfter(value: string | null | undefined): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
