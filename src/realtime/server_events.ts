import { z } from "zod";
import { Item } from "@/conversation/item.ts";
import { type EventSchema, eventSchemas, type FieldsOf } from "@/realtime/event_schema.ts";
import { ResponseObject } from "@/realtime/response_object.ts";
import { RetrievedItem } from "@/realtime/retrieved_item.ts";
import { SessionObject } from "@/realtime/session_object.ts";

const Ms = z.number().int().min(0)
  .describe("Audio written to the input buffer since the session began, in ms.");
const Index = z.number().int().min(0);

const ofContent = { item_id: z.string(), content_index: Index };
const ofResponse = { response_id: z.string(), output_index: Index };
const ofResponseItem = { ...ofResponse, item_id: z.string() };
const ofResponseContent = { ...ofResponseItem, content_index: Index };

const placed = {
  item: Item,
  previous_item_id: z.string().nullable().describe("The item before it; `null` at the beginning."),
};

const part = z.discriminatedUnion("type", [
  z.object({ type: z.literal("audio"), transcript: z.string() }),
  z.object({ type: z.literal("text"), text: z.string() }),
]);

/** When a stage of a turn was over. */
const Stage = z.number().min(0).optional();

/**
 * Every event the server may send and its fields, beside `type` and `event_id`: the GA dialect of the Realtime
 * protocol, and our extensions under `chatai.`. Types and the reference come from this table; the tests hold
 * every event of every session against it.
 */
export const SERVER_EVENTS = {
  "session.created": {
    session: SessionObject,
    "chatai.resumed": z.literal(true).optional().describe(
      "Present where `?session=` found the session: its stored items follow.",
    ),
  },
  "session.updated": { session: SessionObject },
  "conversation.created": {
    conversation: z.object({ id: z.string(), object: z.literal("realtime.conversation") }),
  },
  "conversation.item.added": placed,
  "conversation.item.done": placed,
  "conversation.item.retrieved": { item: RetrievedItem },
  "conversation.item.deleted": { item_id: z.string() },
  "conversation.item.truncated": { ...ofContent, audio_end_ms: z.number().min(0) },
  "conversation.item.input_audio_transcription.delta": { ...ofContent, delta: z.string() },
  "conversation.item.input_audio_transcription.completed": {
    ...ofContent,
    transcript: z.string(),
    usage: z.object({ type: z.literal("duration"), seconds: z.number().min(0) }),
  },
  "conversation.item.input_audio_transcription.failed": {
    ...ofContent,
    error: z.object({ type: z.string(), code: z.string(), message: z.string() }),
  },
  "input_audio_buffer.committed": {
    item_id: z.string(),
    previous_item_id: z.string().nullable(),
  },
  "input_audio_buffer.cleared": {},
  "input_audio_buffer.speech_started": { item_id: z.string(), audio_start_ms: Ms },
  "input_audio_buffer.speech_stopped": { item_id: z.string(), audio_end_ms: Ms },
  "input_audio_buffer.timeout_triggered": {
    item_id: z.string(),
    audio_start_ms: Ms,
    audio_end_ms: Ms,
  },
  "response.created": { response: ResponseObject },
  "response.done": { response: ResponseObject },
  "response.output_item.added": { ...ofResponse, item: Item },
  "response.output_item.done": { ...ofResponse, item: Item },
  "response.content_part.added": { ...ofResponseContent, part },
  "response.content_part.done": { ...ofResponseContent, part },
  "response.output_text.delta": { ...ofResponseContent, delta: z.string() },
  "response.output_text.done": { ...ofResponseContent, text: z.string() },
  "response.output_audio.delta": {
    ...ofResponseContent,
    delta: z.string().describe("Base64 of whole samples in the response's output format."),
  },
  "response.output_audio.done": ofResponseContent,
  "response.output_audio_transcript.delta": { ...ofResponseContent, delta: z.string() },
  "response.output_audio_transcript.done": { ...ofResponseContent, transcript: z.string() },
  "response.function_call_arguments.delta": {
    ...ofResponseItem,
    call_id: z.string(),
    delta: z.string(),
  },
  "response.function_call_arguments.done": {
    ...ofResponseItem,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  },
  "rate_limits.updated": {
    rate_limits: z.array(z.object({
      name: z.enum(["requests", "tokens"]),
      limit: z.number().int().min(0),
      remaining: z.number().int().min(0),
      reset_seconds: z.number().min(0),
    })),
  },
  "error": {
    error: z.object({
      type: z.enum(["invalid_request_error", "server_error"]),
      code: z.string(),
      message: z.string(),
      param: z.string().nullable(),
      event_id: z.string().nullable().describe("Of the client's event that caused it."),
    }),
  },
  "chatai.input_audio_transcription.partial": { ...ofContent, transcript: z.string() },
  "chatai.turn.metrics": {
    response_id: z.string(),
    endpoint: Stage.describe("The turn was declared over."),
    transcript: Stage.describe("The final transcript was there."),
    first_token: Stage.describe("The model's first word was there."),
    first_audio: Stage.describe("The synthesiser had made the first audio."),
    voice_to_voice: Stage.describe("The first audio was on the wire."),
  },
} satisfies Record<string, z.core.$ZodShape>;

/** The type of a server event. */
export type ServerEventType = keyof typeof SERVER_EVENTS;

/** A server event of one type, without its id: the encoder gives it one. */
export type ServerEventOf<T extends ServerEventType> =
  & { type: T }
  & FieldsOf<(typeof SERVER_EVENTS)[T]>;

/** An event for the client, without its id: the encoder gives it one. */
export type ServerEvent = { [T in ServerEventType]: ServerEventOf<T> }[ServerEventType];

/** The server's own id of an event, unique in its connection. */
export const ServerEventId: z.ZodType = z.string().min(1);

const schemas = eventSchemas(SERVER_EVENTS, ServerEventId);

/** The schema of the server events of one type, as they go over the wire; `undefined` if there is no such type. */
export function serverEventSchema(type: string): EventSchema<ServerEvent> | undefined {
  return schemas.get(type) as unknown as EventSchema<ServerEvent> | undefined;
}
