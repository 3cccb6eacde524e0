import type { z } from "zod";
import { BetaItem, toBetaItem } from "@/realtime/beta/item.ts";
import { BetaResponseObject, toBetaResponse } from "@/realtime/beta/response_object.ts";
import {
  BetaRealtimeSession,
  BetaSessionObject,
  BetaTranscriptionSession,
  toBetaSession,
} from "@/realtime/beta/session_object.ts";
import { eventSchemas, type EventTable } from "@/realtime/event_schema.ts";
import { SERVER_EVENTS, type ServerEvent, ServerEventId } from "@/realtime/server_events.ts";

/** GA events that have another name in the beta dialect. */
const NAMES: Readonly<Record<string, string>> = {
  "conversation.item.added": "conversation.item.created",
  "response.output_text.delta": "response.text.delta",
  "response.output_text.done": "response.text.done",
  "response.output_audio.delta": "response.audio.delta",
  "response.output_audio.done": "response.audio.done",
  "response.output_audio_transcript.delta": "response.audio_transcript.delta",
  "response.output_audio_transcript.done": "response.audio_transcript.done",
};

/** GA events that the beta dialect does not have. */
const NOT_SENT: ReadonlySet<string> = new Set(["conversation.item.done"]);

/** What stands in these fields, in any event, has another shape in the beta dialect. */
const OBJECTS: Readonly<Record<string, z.ZodType>> = {
  session: BetaSessionObject,
  response: BetaResponseObject,
  item: BetaItem,
};

/** Every event the server may send in the beta dialect: those of GA, with other names and objects. */
export const BETA_SERVER_EVENTS: EventTable = {
  ...Object.fromEntries(
    Object.entries(SERVER_EVENTS)
      .filter(([type]) => !NOT_SENT.has(type))
      .map(([type, fields]) => [NAMES[type] ?? type, withBetaObjects(fields)]),
  ),
  "session.updated": { session: BetaRealtimeSession },
  "transcription_session.updated": { session: BetaTranscriptionSession },
};

function withBetaObjects(fields: z.core.$ZodShape): z.core.$ZodShape {
  return Object.fromEntries(
    Object.entries(fields).map(([name, schema]) => [name, OBJECTS[name] ?? schema]),
  );
}

const schemas = eventSchemas(BETA_SERVER_EVENTS, ServerEventId);

/** The schema of the beta server events of one type, as they go over the wire; `undefined` if there is none. */
export function betaServerEventSchema(type: string): z.ZodObject | undefined {
  return schemas.get(type);
}

/** An event of the beta dialect, without its id: the encoder gives it one. */
export type BetaServerEvent = Readonly<Record<string, unknown>> & { readonly type: string };

/** Translates an event; `undefined` if the beta dialect has none like it. */
export function toBetaEvent(event: ServerEvent): BetaServerEvent | undefined {
  if (NOT_SENT.has(event.type)) return undefined;
  return {
    ...event,
    type: betaName(event),
    ...("session" in event && { session: toBetaSession(event.session) }),
    ...("response" in event && { response: toBetaResponse(event.response) }),
    ...("item" in event && { item: toBetaItem(event.item) }),
  };
}

function betaName(event: ServerEvent): string {
  if (event.type === "session.updated" && event.session.type === "transcription") {
    return "transcription_session.updated";
  }
  return NAMES[event.type] ?? event.type;
}
