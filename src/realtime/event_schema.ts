import type { z } from "zod";

/** Validates the events of one type. */
export type EventSchema<Event> = z.ZodType<Event>;

/** The fields of an event, as a table of events describes them. zod makes of none a record that forbids all. */
export type FieldsOf<Shape extends z.core.$ZodShape> = keyof Shape extends never ? unknown
  : z.infer<z.ZodObject<Shape, z.core.$strip>>;
