import { getLogger } from "@logtape/logtape";
import { Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Config } from "@/config.ts";
import { errorResponse } from "@/server/errors.ts";
import type { Readiness } from "@/server/readiness.ts";

const logger = getLogger(["chatai", "server"]);

/** What the routes lead to. */
export interface AppOptions extends Pick<Config, "corsOrigins"> {
  /** Decides whether callers can be served. */
  readonly readiness: Readiness;
  /** Serves a request for a conversation. */
  readonly realtime: (request: Request) => Promise<Response>;
  /** Serves a request for a file of the page; 404 where there is none. */
  readonly page: (request: Request) => Promise<Response>;
}

/** Answers a request. */
export type RequestHandler = (request: Request) => Response | Promise<Response>;

/** Paths that exist, whatever the method. */
const PATHS = ["/", "/health", "/ready", "/v1/realtime"];

/** Seconds after which a refused caller may ask again. */
const RETRY_AFTER_S = 5;

/** The whole HTTP face of the server. Every error has OpenAI's shape. */
export function createApp({ readiness, realtime, page, corsOrigins }: AppOptions): RequestHandler {
  const app = new Hono();

  app.use(async ({ req }, next) => {
    const start = performance.now();
    await next();
    const ms = Math.round(performance.now() - start);
    logger.debug("{method} {path} took {ms} ms", { method: req.method, path: req.path, ms });
  });

  // before the headers below: the response of an upgrade must reach Deno untouched
  app.get("/v1/realtime", async ({ req }) => {
    const missing = await readiness.missing();
    return missing.length === 0 ? realtime(req.raw) : notReady(missing);
  });

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
    strictTransportSecurity: false, // for whoever ends TLS to decide
  }));
  app.use(cors({ origin: corsOrigins === "*" ? "*" : [...corsOrigins] }));

  app.get("/health", ({ json }) => json({ status: "alive" }));
  app.get("/ready", async ({ json }) => {
    const missing = await readiness.missing();
    return missing.length === 0 ? json({ status: "ready" }) : notReady(missing);
  });
  app.get("/*", async ({ req, notFound }) => {
    const response = await page(req.raw);
    return response.status === 404 ? notFound() : response;
  });

  app.notFound(({ req }) =>
    PATHS.includes(req.path)
      ? errorResponse(405, {
        type: "invalid_request_error",
        code: "method_not_allowed",
        message: `${req.path} does not answer to ${req.method}.`,
      }, { allow: "GET" })
      : errorResponse(404, {
        type: "invalid_request_error",
        code: "not_found",
        message: `There is nothing at ${req.method} ${req.path}.`,
      })
  );
  app.onError((error, { req }) => {
    logger.error("{method} {path} failed: {error}", { method: req.method, path: req.path, error });
    return errorResponse(500, {
      type: "server_error",
      code: "internal_error",
      message: "The server failed to answer. Its log says why.",
    });
  });
  return (request) => app.fetch(request);
}

function notReady(missing: readonly string[]): Response {
  return errorResponse(503, {
    type: "server_error",
    code: "not_ready",
    message: `Not ready: ${missing.join("; ")}.`,
  }, { "retry-after": String(RETRY_AFTER_S) });
}
