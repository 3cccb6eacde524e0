import type { MiddlewareHandler } from "hono";
import { readKey, refuseOrigin } from "@/realtime/caller.ts";
import type { HandshakePolicy } from "@/realtime/handshake.ts";
import type { Config } from "@/config.ts";
import { notReady, type Readiness } from "@/server/readiness.ts";

/** Who may call, and when. */
export interface GuardOptions extends Pick<Config, "corsOrigins"> {
  /** Says who shows a credential, or answers who may not call. */
  readonly authorise: HandshakePolicy["identify"];
  /** Decides whether callers can be served. */
  readonly readiness: Readiness;
}

/** What the guard found out, for the handlers behind it. */
export interface Guarded {
  Bindings: { peer: string };
  Variables: { subject: string };
}

/** Refuses calls from pages of other sites, and without a right key or token. */
export function requireKey(
  { authorise, corsOrigins }: Pick<GuardOptions, "authorise" | "corsOrigins">,
): MiddlewareHandler<Guarded> {
  return async ({ req: { raw: { headers } }, set }, next) => {
    const refused = refuseOrigin(headers, corsOrigins);
    if (refused !== undefined) return refused;
    const caller = await authorise(readKey(headers));
    if (caller instanceof Response) return caller;
    set("subject", caller.subject);
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
