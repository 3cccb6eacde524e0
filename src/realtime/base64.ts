import { InvalidRequest } from "@/errors.ts";

/**
 * Reads base64 from a client.
 *
 * @param param Where it stands in the event, e.g. `"audio"`, for the error.
 * @throws {InvalidRequest} if it is none
 */
export function decodeBase64(text: string, param: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new InvalidRequest(`Invalid value for '${param}': it is not valid base64.`, {
      code: "invalid_value",
      param,
    });
  }
}
