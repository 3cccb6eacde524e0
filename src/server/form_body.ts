import type { z } from "zod";
import { InvalidRequest } from "@/errors.ts";
import { invalidField } from "@/realtime/invalid_field.ts";

/**
 * Reads the form of a request, as `multipart/form-data`. A field whose name ends with `[]` is a list under the name
 * without it, as OpenAI's clients write lists.
 *
 * @throws {InvalidRequest} if it is no form, or naming the first field that is wrong
 */
export async function readForm<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const form = await formOf(request);
  const fields = Object.fromEntries(
    [...new Set(form.keys())].map((name) =>
      name.endsWith("[]") ? [name.slice(0, -2), form.getAll(name)] : [name, form.get(name)]
    ),
  );
  const result = schema.safeParse(fields);
  if (!result.success) throw invalidField(result.error, fields);
  return result.data;
}

async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it did not come from the parser
    throw new InvalidRequest("The body is no multipart/form-data, or it is cut off.", {
      code: "invalid_form",
    });
  }
}
