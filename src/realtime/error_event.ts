import { InvalidRequest } from "@/errors.ts";
import type { ServerEventOf } from "@/realtime/server_events.ts";

/**
 * Tells a client of an error. What is not its own fault is told without details: those are for the log.
 *
 * @param eventId The client's id of the event that caused it.
 */
export function toErrorEvent(error: unknown, eventId: string | null): ServerEventOf<"error"> {
  return {
    type: "error",
    error: error instanceof InvalidRequest
      ? {
        type: "invalid_request_error",
        code: error.code,
        message: error.message,
        param: error.param,
        event_id: eventId,
      }
      : {
        type: "server_error",
        code: "internal_error",
        message: "The server failed to handle the event.",
        param: null,
        event_id: eventId,
      },
  };
}
