import { getLogger } from "@logtape/logtape";
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";

const logger = getLogger(["chatai", "auth"]);

/** How long the server of the key set may take to answer, in ms. */
const FETCH_TIMEOUT_MS = 5000;

/** How long keys are used before they are asked for again, in ms. */
const CACHE_MS = 600_000;

/**
 * Least time between two requests for the key set, in ms: whoever sends tokens of keys that do not exist shall
 * not make us ask all the time.
 */
const COOLDOWN_MS = 30_000;

/** How long after a failure the key set is not asked for again, in ms: a hiccup shall not keep everybody out for long. */
const RETRY_MS = 5000;

/** Keys are jose's to judge, one by one: it passes over those of kinds that it does not know. */
const KeySet = z.object({ keys: z.array(z.looseObject({})) });

/** The key set cannot be had: no token can be said to be good or bad. */
export class KeySetUnavailable extends Error {
  override readonly name = "KeySetUnavailable";
}

/**
 * Finds public keys in the set at a URL. It is fetched when it is first needed, when it is too old, and when a
 * token names a key that is not in it, so that keys may be rotated at any time.
 *
 * @returns finds the key of a token; throws `KeySetUnavailable` if the set cannot be had
 */
export function createKeySet(url: string): JWTVerifyGetKey {
  let failedAt = -Infinity;

  async function fetchSet(...request: Parameters<typeof fetch>): Promise<Response> {
    if (Date.now() < failedAt + RETRY_MS) throw new Error("It failed to answer a moment ago");
    try {
      const response = await fetch(...request);
      if (response.ok) return Response.json(KeySet.parse(await response.json()));
      await response.body?.cancel();
      throw new Error(`It answered with status ${response.status}`);
    } catch (error) {
      failedAt = Date.now();
      logger.error("Cannot read the key set {url}: {error}", { url, error });
      throw error;
    }
  }

  const find = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    [customFetch]: fetchSet,
  });
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (isAboutToken(error)) throw error;
      throw new KeySetUnavailable(`Cannot find keys at ${url}`, { cause: error });
    }
  };
}

/** Whether the set is there and only lacks the one key that the token asks for. */
function isAboutToken(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported;
}
