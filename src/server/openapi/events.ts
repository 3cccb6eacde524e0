import type { z } from "zod";
import { Item } from "@/conversation/item.ts";
import { clientEventSchema } from "@/realtime/client_events.ts";
import { CLIENT_EVENT_SUMMARIES, SERVER_EVENT_SUMMARIES } from "@/realtime/event_summaries.ts";
import { ItemInput } from "@/realtime/item_input.ts";
import { ResponseInput } from "@/realtime/response_input.ts";
import { ResponseObject } from "@/realtime/response_object.ts";
import { RetrievedItem } from "@/realtime/retrieved_item.ts";
import { serverEventSchema } from "@/realtime/server_events.ts";
import { SessionObject } from "@/realtime/session_object.ts";
import { SessionPatch } from "@/realtime/session_update.ts";
import { type JsonSchema, refTo } from "@/server/openapi/components.ts";

/** A schema and its name in the document. */
export type NamedSchema = readonly [schema: z.ZodType, name: string];

/** Every client event as `ClientEvent.<type>`, and what they hold that has a name of its own. */
export const CLIENT_SCHEMAS: readonly NamedSchema[] = [
  [SessionPatch, "SessionUpdate"],
  [ItemInput, "ItemInput"],
  [ResponseInput, "ResponseInput"],
  ...nameEvents("ClientEvent", CLIENT_EVENT_SUMMARIES, clientEventSchema),
];

/** Every server event as `ServerEvent.<type>`, and what they hold that has a name of its own. */
export const SERVER_SCHEMAS: readonly NamedSchema[] = [
  [SessionObject, "Session"],
  [Item, "Item"],
  [RetrievedItem, "RetrievedItem"],
  [ResponseObject, "Response"],
  ...nameEvents("ServerEvent", SERVER_EVENT_SUMMARIES, serverEventSchema),
];

/** `ClientEvent` and `ServerEvent`: any event of a side, told apart by its type. */
export const EVENT_CHOICES: Readonly<Record<string, JsonSchema>> = {
  ClientEvent: chooseEvent("ClientEvent", CLIENT_EVENT_SUMMARIES),
  ServerEvent: chooseEvent("ServerEvent", SERVER_EVENT_SUMMARIES),
};

function nameEvents(
  side: string,
  summaries: Readonly<Record<string, string>>,
  schemaOf: (type: string) => z.ZodType | undefined,
): NamedSchema[] {
  return Object.entries(summaries).flatMap(([type, summary]) => {
    const schema = schemaOf(type);
    return schema === undefined ? [] : [[schema.describe(summary), `${side}.${type}`] as const];
  });
}

function chooseEvent(side: string, summaries: Readonly<Record<string, string>>): JsonSchema {
  const refs = Object.keys(summaries).map((type) => [type, refTo(`${side}.${type}`)] as const);
  return {
    oneOf: refs.map(([, ref]) => ref),
    discriminator: {
      propertyName: "type",
      mapping: Object.fromEntries(refs.map(([type, { $ref }]) => [type, $ref])),
    },
  };
}
