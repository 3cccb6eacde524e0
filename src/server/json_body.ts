import type { z } from "zod";
import { invalidField } from "@/realtime/invalid_field.ts";
import { readMessage } from "@/realtime/read_event.ts";

/**
 * Reads the JSON body of a request.
 *
 * @throws {InvalidRequest} if it is no JSON object of bounded depth and size, or naming the first field that is wrong
 */
export async function readJson<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const message = readMessage(await request.text());
  const result = schema.safeParse(message);
  if (!result.success) throw invalidField(result.error, message);
  return result.data;
}
