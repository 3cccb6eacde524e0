import { Buffer } from "node:buffer";
import type { z } from "zod";
import { InvalidRequest } from "@/errors.ts";
import { invalidField } from "@/realtime/invalid_field.ts";

/**
 * Most fields of a form, those of a list counted one by one. OpenAI's have a dozen; the parser works on tens of
 * thousands for seconds, and on nothing else meanwhile.
 */
const MAX_FIELDS = 100;

/**
 * Reads the form of a request, as `multipart/form-data`. A field whose name ends with `[]` is a list under the name
 * without it, as OpenAI's clients write lists.
 *
 * @throws {InvalidRequest} if it is no form, has too many fields, or naming the first field that is wrong
 */
export async function readForm<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const form = await formOf(request);
  const fields = Object.fromEntries(
    [...Map.groupBy(form, ([name]) => name)].map(([name, entries]) => {
      const values = entries.map(([, value]) => value);
      return name.endsWith("[]") ? [name.slice(0, -2), values] : [name, values[0]];
    }),
  );
  const result = schema.safeParse(fields);
  if (!result.success) throw invalidField(result.error, fields);
  return result.data;
}

async function formOf(request: Request): Promise<FormData> {
  const boundary = boundaryOf(request.headers.get("content-type") ?? "");
  if (boundary === undefined) throw noForm();
  try {
    const bytes = await request.bytes();
    boundFields(bytes, boundary);
    // as it was read above, so that what was counted is what is parsed
    const headers = { "content-type": `multipart/form-data; boundary="${boundary}"` };
    return await new Response(bytes, { headers }).formData();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it did not come from the parser
    throw noForm();
  }
}

/** What stands between the fields, in the characters of RFC 2046 section 5.1.1. */
function boundaryOf(contentType: string): string | undefined {
  return /^multipart\/form-data\s*;(?:.*;)?\s*boundary=("?)([\w'()+,\-./:=? ]{1,70})\1\s*(?:;|$)/i
    .exec(contentType)?.[2]?.trimEnd();
}

/** Counts before anything is parsed: one boundary before each field, and one after the last. */
function boundFields(bytes: Uint8Array<ArrayBuffer>, boundary: string): void {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const delimiter = Buffer.from(`--${boundary}`);
  let at = body.indexOf(delimiter);
  for (let found = 0; at !== -1; found++) {
    if (found > MAX_FIELDS) {
      throw new InvalidRequest(`The form has more than ${MAX_FIELDS} fields.`, {
        code: "invalid_form",
      });
    }
    at = body.indexOf(delimiter, at + delimiter.length);
  }
}

function noForm(): InvalidRequest {
  return new InvalidRequest("The body is no multipart/form-data, or it is cut off.", {
    code: "invalid_form",
  });
}
