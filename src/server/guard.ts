import { getLogger } from "@logtape/logtape";
import type { MiddlewareHandler } from "hono";
import { isLoopback } from "@/config/values.ts";
import { readKey, refuseOrigin } from "@/realtime/caller.ts";
import type { HandshakePolicy } from "@/realtime/handshake.ts";
import type { Config } from "@/config.ts";
import { tooManyTurns } from "@/conversation/turn_limit.ts";
import { errorResponse } from "@/server/errors.ts";
import { countConnection } from "@/server/limits/door.ts";
import type { CallerLimits } from "@/server/limits/limits.ts";
import { notReady, type Readiness } from "@/server/readiness.ts";
import { refusals } from "@/telemetry/metrics.ts";

const logger = getLogger(["chatai", "auth"]);

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
  Variables: { subject: string; caller: string };
}

/**
 * Refuses calls to a server by names that others may give it, where nothing else protects it, and by what is no name
 * at all.
 */
export function requireHost(hosts: Config["hosts"]): MiddlewareHandler<Guarded> {
  return async ({ req }, next) => {
    const url = URL.parse(req.url);
    if (url === null) {
      return errorResponse(400, {
        type: "invalid_request_error",
        code: "invalid_host",
        message: "The request's Host header names no host.",
      });
    }
    if (hosts === "any" || isLoopback(url.hostname)) return await next();
    logger.info("Refused a call to {host}", { host: url.hostname });
    refusals.inc({ reason: "host_not_allowed" });
    return errorResponse(403, {
      type: "invalid_request_error",
      code: "host_not_allowed",
      message:
        "Without keys the server answers only to names of this machine, such as localhost. The operator " +
        "can set API_KEYS, or AUTH=none.",
    });
  };
}

/** Refuses calls from pages of other sites, and without a right key or token. */
export function requireKey(
  { authorise, corsOrigins }: Pick<GuardOptions, "authorise" | "corsOrigins">,
): MiddlewareHandler<Guarded> {
  return async ({ req: { raw }, set }, next) => {
    const refused = refuseOrigin(raw, corsOrigins);
    if (refused !== undefined) return refused;
    const caller = await authorise(readKey(raw.headers));
    if (caller instanceof Response) return caller;
    set("subject", caller.subject);
    await next();
  };
}

/** Works out whom a call comes from and whom limits count, which is not the same where nobody has a key. */
export function nameCaller(
  callerOf: CallerLimits["callerOf"] = ({ subject }) => subject,
): MiddlewareHandler<Guarded> {
  return async ({ req: { raw: { headers } }, env: { peer }, get, set }, next) => {
    const subject = get("subject") ?? "anonymous";
    set("subject", subject);
    set("caller", callerOf({ subject, headers, peer }));
    await next();
  };
}

/** Counts a call as a turn of its caller, and refuses it where that is one too many. */
export function requireTurn(
  { admitTurn }: Pick<CallerLimits, "admitTurn">,
): MiddlewareHandler<Guarded> {
  return async ({ get }, next) => {
    const verdict = await admitTurn(get("caller"))?.(0);
    if (verdict?.allowed === false) {
      return errorResponse(429, {
        type: "invalid_request_error",
        code: "rate_limit_exceeded",
        message: tooManyTurns(verdict),
      }, { "retry-after": String(verdict.retryAfterSeconds) });
    }
    await next();
  };
}

/** Counts a call as a connection of its caller, and refuses it where that is one too many. */
export function requireConnection(
  { connections }: Partial<Pick<CallerLimits, "connections">>,
): MiddlewareHandler<Guarded> {
  return async ({ get }, next) => {
    const refused = await countConnection(connections, get("caller"));
    if (refused !== undefined) return refused;
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
