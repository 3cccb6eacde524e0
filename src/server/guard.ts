import type { MiddlewareHandler } from "hono";
import { isAllowedOrigin, readKey } from "@/realtime/caller.ts";
import type { Config } from "@/config.ts";
import type { Authorise } from "@/server/auth.ts";
import { isClientSecret } from "@/server/client_secrets.ts";
import { errorResponse } from "@/server/errors.ts";
import { notReady, type Readiness } from "@/server/readiness.ts";

/** Who may call, and when. */
export interface GuardOptions extends Pick<Config, "corsOrigins"> {
  /** Says whom a key belongs to. */
  readonly authorise: Authorise;
  /** Decides whether callers can be served. */
  readonly readiness: Readiness;
}

/** What the guard found out, for the handlers behind it. */
export interface Guarded {
  Bindings: { peer: string };
  Variables: { subject: string };
}

/** Refuses calls from pages of other sites, and without a right key. */
export function requireKey(
  { authorise, corsOrigins }: Pick<GuardOptions, "authorise" | "corsOrigins">,
): MiddlewareHandler<Guarded> {
  return async ({ req: { raw: { headers } }, set }, next) => {
    if (!isAllowedOrigin(headers, corsOrigins)) {
      return errorResponse(403, {
        type: "invalid_request_error",
        code: "origin_not_allowed",
        message: "Pages of this origin may not call. The operator can allow it with CORS_ORIGINS.",
      });
    }
    const key = readKey(headers);
    const subject = isClientSecret(key) ? undefined : authorise(key);
    if (subject === undefined) {
      return errorResponse(401, {
        type: "invalid_request_error",
        code: "invalid_api_key",
        message: isClientSecret(key)
          ? "A client secret opens conversations and nothing else."
          : "The API key is missing or wrong. Send it as 'Authorization: Bearer KEY'.",
      }, { "www-authenticate": "Bearer" });
    }
    set("subject", subject);
    await next();
  };
}

/** Refuses calls while the server is not ready. */
export function requireReady(readiness: Readiness): MiddlewareHandler<Guarded> {
  return async (_, next) => {
    const missing = await readiness.missing();
    if (missing.length > 0) return notReady(missing);
    await next();
  };
}
