import { getLogger } from "@logtape/logtape";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Config } from "@/config.ts";
import { asksForWebSocket } from "@/realtime/handshake.ts";
import { errorResponse, failureOf } from "@/server/errors.ts";
import type { CallerLimits } from "@/server/limits/limits.ts";
import {
  type Guarded,
  type GuardOptions,
  nameCaller,
  requireConnection,
  requireHost,
  requireKey,
  requireReady,
  requireTurn,
} from "@/server/guard.ts";
import { healthRoutes } from "@/server/health_routes.ts";
import { openApiRoutes } from "@/server/openapi_routes.ts";
import { notReady } from "@/server/readiness.ts";
import { REQUEST_ID, withRequestId } from "@/server/request_id.ts";
import { matchesPath, type Route } from "@/server/route.ts";

const logger = getLogger(["chatai", "server"]);

/** What the server serves. */
export interface AppOptions extends GuardOptions {
  /** Serves a request for a conversation, and asks for a key itself. */
  readonly realtime: (request: Request, peer: string) => Promise<Response>;
  /** Serves a request for a file of the page; 404 where there is none. */
  readonly page: (request: Request) => Promise<Response>;
  /** Limits of callers. Absent: none. */
  readonly limits?:
    | Pick<CallerLimits, "callerOf" | "admitTurn"> & Partial<Pick<CallerLimits, "connections">>
    | undefined;
  /** All else. Those below `/v1` are guarded. */
  readonly routes: readonly Route[];
  /** Names that requests may be addressed to. */
  readonly hosts: Config["hosts"];
  /** This process serves https itself: browsers are told to come back by nothing else. */
  readonly https: boolean;
}

/** Answers a request. `peer` is the address of the connection's other end, where there is one. */
export type RequestHandler = (request: Request, peer?: string) => Response | Promise<Response>;

/** How long browsers remember that the server speaks https, and of no other server: a year. */
const HSTS = "max-age=31536000";

/** Longest body of a request to a route that names none, in bytes. */
const MAX_BODY_BYTES = 1_048_576;

/** The whole HTTP face of the server. Every error has OpenAI's shape. */
export function createApp(
  { realtime, page, routes, hosts, https, limits, ...guarded }: AppOptions,
): RequestHandler {
  const { readiness, corsOrigins } = guarded;
  const app = new Hono<Guarded>();
  const described = [...routes, ...healthRoutes(readiness)];
  const served = [...described, ...openApiRoutes(described)];

  app.use(async ({ req }, next) => {
    const start = performance.now();
    await next();
    const ms = Math.round(performance.now() - start);
    logger.debug("{method} {path} took {ms} ms", { method: req.method, path: req.path, ms });
  });

  async function serveRealtime({ req, env }: Context<Guarded>): Promise<Response> {
    const missing = await readiness.missing();
    return missing.length === 0 ? realtime(req.raw, env.peer) : notReady(missing);
  }

  // before the headers below: the response of an upgrade must reach Deno untouched
  app.use("/v1/realtime", requireHost(hosts));
  app.get(
    "/v1/realtime",
    (context, next) => asksForWebSocket(context.req.raw) ? serveRealtime(context) : next(),
  );

  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      workerSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { microphone: ["self"], camera: [], geolocation: [] },
    strictTransportSecurity: https && HSTS, // else it is for whoever ends TLS to decide
  }));
  app.use(cors({
    origin: corsOrigins === "*" ? "*" : [...corsOrigins],
    exposeHeaders: ["retry-after", "www-authenticate", REQUEST_ID],
    maxAge: 600,
  }));
  app.use(requireHost(hosts));
  app.get("/v1/realtime", serveRealtime);
  const keyed = requireKey(guarded);
  const ready = requireReady(readiness);
  for (const route of served) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    if (path.startsWith("/v1/")) app.on(route.method, path, keyed, ready);
    else if (route.needsKey) app.on(route.method, path, keyed);
    app.on(route.method, path, nameCaller(limits?.callerOf));
    if (limits !== undefined) {
      if (route.countsAs === "turn") app.on(route.method, path, requireTurn(limits));
      if (route.countsAs === "connection") app.on(route.method, path, requireConnection(limits));
    }
    app.on(
      route.method,
      path,
      bodyLimit({ maxSize: route.maxBodyBytes ?? MAX_BODY_BYTES, onError: () => tooLarge(route) }),
      ({ req, get }) =>
        route.handle({
          request: req.raw,
          params: req.param(),
          subject: get("subject"),
          caller: get("caller"),
        }),
    );
  }
  app.get("/*", async ({ req, notFound }) => {
    const response = await page(req.raw);
    return response.status === 404 ? notFound() : response;
  });

  const known = [
    ...served,
    { method: "GET", path: "/v1/realtime" },
    { method: "GET", path: "/" },
  ];
  app.notFound(({ req: { method, path } }) => {
    const allowed = known.filter((route) => matchesPath(route, path)).map((each) => each.method);
    return allowed.length > 0
      ? errorResponse(405, {
        type: "invalid_request_error",
        code: "method_not_allowed",
        message: `${path} does not answer to ${method}.`,
      }, { allow: allowed.join(", ") })
      : errorResponse(404, {
        type: "invalid_request_error",
        code: "not_found",
        message: `There is nothing at ${method} ${path}.`,
      });
  });
  app.onError(async (error, { req }) => {
    const failure = failureOf(error);
    const missing = failure.status === 500 ? await readiness.missing() : [];
    if (missing.length > 0) return notReady(missing);
    const expected = failure.status < 500 || req.raw.signal.aborted ||
      error.name === "BodyLimitError"; // whose answer is bodyLimit's
    if (!expected) {
      logger.error("{method} {path} failed: {error}", {
        method: req.method,
        path: req.path,
        error,
      });
    }
    return errorResponse(failure.status, failure.error, failure.headers);
  });
  return (request, peer = "") => withRequestId(request, () => app.fetch(request, { peer }));
}

function tooLarge({ maxBodyBytes = MAX_BODY_BYTES }: Route): Response {
  return errorResponse(413, {
    type: "invalid_request_error",
    code: "request_too_large",
    message: `The body may be ${maxBodyBytes} bytes long at most.`,
  });
}
