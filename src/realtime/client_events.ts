import { z } from "zod";
import { type EventSchema, eventSchemas, type FieldsOf } from "@/realtime/event_schema.ts";
import { ItemInput } from "@/realtime/item_input.ts";
import { ResponseInput } from "@/realtime/response_input.ts";
import { SessionPatch } from "@/realtime/session_update.ts";

/**
 * Every event a client may send and its fields, beside `type` and `event_id`. Validation, types and the
 * reference all come from this table. Fields it does not name are ignored.
 */
export const CLIENT_EVENTS = {
  "session.update": { session: SessionPatch },
  "input_audio_buffer.append": {
    audio: z.string().describe("Base64 of audio in the session's input format, cut anywhere."),
  },
  "input_audio_buffer.commit": {},
  "input_audio_buffer.clear": {},
  "conversation.item.create": {
    item: ItemInput,
    previous_item_id: z.string().nullish().describe(
      '`"root"` is the beginning; absent or `null` the end.',
    ),
  },
  "conversation.item.retrieve": { item_id: z.string() },
  "conversation.item.delete": { item_id: z.string() },
  "conversation.item.truncate": {
    item_id: z.string(),
    content_index: z.number().int().min(0),
    audio_end_ms: z.number().min(0).describe("What the client has played, in ms."),
  },
  "response.create": { response: ResponseInput.nullish() },
  "response.cancel": { response_id: z.string().nullish() },
  "output_audio_buffer.clear": {},
} satisfies Record<string, z.core.$ZodShape>;

/** The type of a client event. */
export type ClientEventType = keyof typeof CLIENT_EVENTS;

/** A client event of one type. */
export type ClientEventOf<T extends ClientEventType> =
  & { type: T }
  & FieldsOf<(typeof CLIENT_EVENTS)[T]>;

/** An event that a client sent, validated. */
export type ClientEvent = { [T in ClientEventType]: ClientEventOf<T> }[ClientEventType];

/** A client's own id of an event: an error that it causes repeats it. */
export const ClientEventId: z.ZodType = z.string().nullish();

const schemas = eventSchemas(CLIENT_EVENTS, ClientEventId);

/** The schema of the client events of one type; `undefined` if there is no such type. */
export function clientEventSchema(type: string): EventSchema<ClientEvent> | undefined {
  return schemas.get(type) as unknown as EventSchema<ClientEvent> | undefined;
}
