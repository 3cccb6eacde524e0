import type { MiddlewareHandler } from "hono";
import { isAllowedOrigin, readKey } from "@/realtime/caller.ts";
import type { HandshakePolicy } from "@/realtime/handshake.ts";
import { errorResponse } from "@/server/errors.ts";
import { notReady, type Readiness } from "@/server/readiness.ts";

/** Who may call, and when. */
export interface GuardOptions extends HandshakePolicy {
  /** Decides whether callers can be served. */
  readonly readiness: Readiness;
}

/** What the guard found out, for the handlers behind it. */
export interface Guarded {
  Variables: { subject: string };
}

/** Refuses calls from pages of other sites, and without a right key. */
export function requireKey(
  { authorise, corsOrigins }: HandshakePolicy,
): MiddlewareHandler<Guarded> {
  return async ({ req: { raw: { headers } }, set }, next) => {
    if (!isAllowedOrigin(headers, corsOrigins)) {
      return errorResponse(403, {
        type: "invalid_request_error",
        code: "origin_not_allowed",
        message: "Pages of this origin may not call. The operator can allow it with CORS_ORIGINS.",
      });
    }
    const subject = await authorise(readKey(headers));
    if (subject === undefined) {
      return errorResponse(401, {
        type: "invalid_request_error",
        code: "invalid_api_key",
        message: "The API key is missing or wrong. Send it as 'Authorization: Bearer KEY'.",
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
