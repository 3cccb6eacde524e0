import { InvalidRequest } from "@/errors.ts";
import { BETA_CLIENT_EVENTS, betaClientEventSchema } from "@/realtime/beta/client_events.ts";
import { isBetaPatch } from "@/realtime/beta/session_patch.ts";
import { cleanse } from "@/realtime/cleanse.ts";
import { CLIENT_EVENTS, type ClientEvent, clientEventSchema } from "@/realtime/client_events.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import { invalidField } from "@/realtime/invalid_field.ts";

/** A JSON object that a client sent. What it means is not yet known. */
export type ClientMessage = Readonly<Record<string, unknown>>;

/**
 * Reads a text frame.
 *
 * @throws {InvalidRequest} `invalid_json` or `invalid_event` if it is not a JSON object of bounded depth and size
 */
export function readMessage(text: string): ClientMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new InvalidRequest("The message is not valid JSON.", { code: "invalid_json" });
  }
  if (typeof message !== "object" || message === null || Array.isArray(message)) {
    throw new InvalidRequest("The message is not a JSON object.", { code: "invalid_event" });
  }
  cleanse(message);
  return message as ClientMessage;
}

/** The client's own id of a message, to be named in an error that it causes. */
export function eventIdOf(message: ClientMessage): string | null {
  return typeof message.event_id === "string" ? message.event_id : null;
}

/** The events that a client may send in each dialect. */
const DIALECTS = {
  ga: { table: CLIENT_EVENTS, schemaOf: clientEventSchema },
  beta: { table: BETA_CLIENT_EVENTS, schemaOf: betaClientEventSchema },
};

/**
 * Makes an event of a message, whatever dialect it is written in. A GA client may write a `session.update` in
 * the beta dialect.
 *
 * @param dialect Of the connection.
 * @throws {InvalidRequest} naming the first field that is wrong, as the client wrote it
 */
export function readEvent(message: ClientMessage, dialect: Dialect): ClientEvent {
  const { type } = message;
  if (typeof type !== "string") {
    throw new InvalidRequest("Missing required parameter: 'type'.", {
      code: "missing_required_parameter",
      param: "type",
    });
  }
  if (dialect === "ga" && type === "transcription_session.update") {
    throw new InvalidRequest(
      "'transcription_session.update' is not supported. Use 'session.update' with a session of type 'transcription'.",
      { code: "unsupported", param: "type" },
    );
  }
  const beta = dialect === "beta" || (type === "session.update" && isBetaPatch(message.session));
  const { table, schemaOf } = DIALECTS[beta ? "beta" : "ga"];
  const schema = schemaOf(type);
  if (schema === undefined) {
    const known = Object.keys(table).map((name) => `'${name}'`).join(", ");
    throw new InvalidRequest(
      `Invalid value: '${type.slice(0, 60)}'. Supported values are: ${known}.`,
      { code: "invalid_value", param: "type" },
    );
  }
  const result = schema.safeParse(message);
  if (!result.success) throw invalidField(result.error, message);
  return result.data;
}
