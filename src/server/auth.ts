import { createHash, timingSafeEqual } from "node:crypto";
import type { Buffer } from "node:buffer";
import type { Config } from "@/config.ts";
import type { HandshakePolicy } from "@/realtime/handshake.ts";
import { type ClientSecrets, isClientSecret } from "@/server/client_secrets.ts";

/**
 * Says whom a key belongs to: the subject that owns sessions. `undefined` refuses the key, or its absence.
 */
export type Authorise = (key: string | undefined) => string | undefined;

/**
 * Makes the check of callers' keys. Without authentication everybody is `"anonymous"`. Keys are compared by
 * their digests in constant time, against all of them, so that the time tells nothing about any.
 */
export function createAuthorise({ auth, apiKeys }: Pick<Config, "auth" | "apiKeys">): Authorise {
  if (auth === "none") return () => "anonymous";

  const accepted = apiKeys.map(sha256);
  return (key) => {
    const digest = sha256(key ?? "");
    const matches = accepted.filter((other) => timingSafeEqual(digest, other)).length;
    return matches > 0 ? `key_${digest.toString("hex").slice(0, 16)}` : undefined;
  };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Who may connect: whoever has a key of the operator's, and whoever was given a client secret. */
export function createIdentify(
  { authorise, secrets }: { readonly authorise: Authorise; readonly secrets: ClientSecrets },
): HandshakePolicy["identify"] {
  return (key) => {
    if (isClientSecret(key)) return secrets.find(key);
    const subject = authorise(key);
    return subject === undefined ? undefined : { subject };
  };
}
