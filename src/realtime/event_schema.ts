import { z } from "zod";

/** Validates the events of one type. */
export type EventSchema<Event> = z.ZodType<Event>;

/** The fields of an event, as a table of events describes them. zod makes of none a record that forbids all. */
export type FieldsOf<Shape extends z.core.$ZodShape> = keyof Shape extends never ? unknown
  : z.infer<z.ZodObject<Shape, z.core.$strip>>;

/** Every event by its type, and its fields beside `type` and `event_id`. */
export type EventTable = Readonly<Record<string, z.core.$ZodShape>>;

/** The schema of every event of a table, by type. */
export function eventSchemas(table: EventTable, eventId: z.ZodType): Map<string, z.ZodObject> {
  return new Map(
    Object.entries(table).map(([type, fields]) => [
      type,
      z.object({ type: z.literal(type), event_id: eventId, ...fields }),
    ]),
  );
}
