import { createHash } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { fromParts, toParts } from "@/conversation/kv_parts.ts";
import { retryLocked } from "@/conversation/kv_retry.ts";
import type { Caller } from "@/realtime/handshake.ts";
import { SessionRequestInput } from "@/realtime/session_request.ts";

const logger = getLogger(["chatai", "secrets"]);

/** How they begin. Browser builds of OpenAI's clients take no other keys. */
const PREFIX = "ek_";

/** A key that opens conversations for a while. */
export interface ClientSecret {
  readonly value: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Keys for browsers: short-lived, and bound to whom they were made for and to the settings of a session. */
export interface ClientSecrets {
  /**
   * Makes one.
   *
   * @throws {InvalidRequest} if the settings are too long to be stored
   */
  create(caller: Required<Caller>, options: { readonly seconds: number }): Promise<ClientSecret>;
  /** What it opens; `undefined` if there is no such key, or no longer. */
  find(value: string): Promise<Required<Caller> | undefined>;
}

/** Whether a key is a client secret by its looks. */
export function isClientSecret(key: string | undefined): key is string {
  return key?.startsWith(PREFIX) ?? false;
}

const Stored = z.object({
  subject: z.string(),
  session: SessionRequestInput,
  /** ms since 1970. */
  expiresAt: z.number(),
});

/** Where they are stored. */
export interface ClientSecretsOptions {
  /** ms since 1970. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Keeps client secrets in Deno KV, so that any instance accepts what another has made. Only digests are stored:
 * whoever reads the store learns no key.
 */
export function createClientSecrets(
  kv: Deno.Kv,
  { now = Date.now }: ClientSecretsOptions = {},
): ClientSecrets {
  return {
    async create({ subject, session }, { seconds }) {
      const random = crypto.getRandomValues(new Uint8Array(32));
      const value = PREFIX + random.toBase64({ alphabet: "base64url", omitPadding: true });
      const expiresAt = Math.floor(now() / 1000) + seconds;
      const parts = toParts({ subject, session, expiresAt: expiresAt * 1000 }, "session");
      await retryLocked(() => {
        const operation = kv.atomic();
        parts.forEach((part, i) =>
          operation.set([...keyOf(value), i], part, { expireIn: seconds * 1000 })
        );
        return operation.commit();
      });
      return { value, expiresAt };
    },

    async find(value) {
      const entries = await retryLocked(() =>
        Array.fromAsync(kv.list<Uint8Array<ArrayBuffer>>({ prefix: keyOf(value) }))
      );
      if (entries.length === 0) return undefined;
      try {
        const stored = Stored.parse(await fromParts(entries.map(({ value }) => value)));
        // KV's own expiry may be late by a minute
        return stored.expiresAt > now() ? stored : undefined;
      } catch (error) {
        logger.error("A client secret is unreadable: {error}", { error });
        return undefined;
      }
    },
  };
}

function keyOf(value: string): Deno.KvKey {
  return ["client_secrets", createHash("sha256").update(value).digest("hex")];
}
