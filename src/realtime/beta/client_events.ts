import type { z } from "zod";
import { BetaItemInput, fromBetaItem } from "@/realtime/beta/item_input.ts";
import { BetaResponseInput, fromBetaResponseInput } from "@/realtime/beta/response_input.ts";
import {
  BetaSessionPatch,
  BetaTranscriptionPatch,
  fromBetaPatch,
  fromBetaTranscriptionPatch,
} from "@/realtime/beta/session_patch.ts";
import { CLIENT_EVENTS, type ClientEvent, ClientEventId } from "@/realtime/client_events.ts";
import { type EventSchema, eventSchemas, type FieldsOf } from "@/realtime/event_schema.ts";

/** Every event a client may send in the beta dialect: those of GA, some with other fields, and one more. */
export const BETA_CLIENT_EVENTS = {
  ...CLIENT_EVENTS,
  "session.update": { session: BetaSessionPatch },
  "transcription_session.update": { session: BetaTranscriptionPatch },
  "conversation.item.create": {
    ...CLIENT_EVENTS["conversation.item.create"],
    item: BetaItemInput,
  },
  "response.create": { response: BetaResponseInput.nullish() },
} satisfies Record<string, z.core.$ZodShape>;

/** An event that a client sent in the beta dialect, validated. */
type BetaClientEvent = {
  [T in keyof typeof BETA_CLIENT_EVENTS]: { type: T } & FieldsOf<(typeof BETA_CLIENT_EVENTS)[T]>;
}[keyof typeof BETA_CLIENT_EVENTS];

const schemas = new Map(
  eventSchemas(BETA_CLIENT_EVENTS, ClientEventId).entries().map(([type, schema]) => [
    type,
    schema.transform((event) => fromBetaEvent(event as unknown as BetaClientEvent)),
  ]),
);

/** The schema of the beta client events of one type, which makes GA events of them; `undefined` if there is none. */
export function betaClientEventSchema(type: string): EventSchema<ClientEvent> | undefined {
  return schemas.get(type);
}

function fromBetaEvent(event: BetaClientEvent): ClientEvent {
  switch (event.type) {
    case "session.update":
      return { ...event, session: fromBetaPatch(event.session) };
    case "transcription_session.update":
      return { type: "session.update", session: fromBetaTranscriptionPatch(event.session) };
    case "conversation.item.create":
      return { ...event, item: fromBetaItem(event.item) };
    case "response.create":
      return { ...event, response: event.response && fromBetaResponseInput(event.response) };
    default:
      return event;
  }
}
