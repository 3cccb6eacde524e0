import type { z } from "zod";
import { ErrorBody } from "@/server/errors.ts";
import { type JsonSchema, refTo, toComponents } from "@/server/openapi/components.ts";
import {
  CLIENT_SCHEMAS,
  EVENT_CHOICES,
  type NamedSchema,
  SERVER_SCHEMAS,
} from "@/server/openapi/events.ts";
import { REALTIME_OPERATION } from "@/server/openapi/realtime_operation.ts";
import type { Content, Route } from "@/server/route.ts";

/** What a server offers, as OpenAPI 3.1 writes it. */
export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: JsonSchema;
  readonly servers: readonly JsonSchema[];
  /** By path, then by method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: {
    /** By name. Events are `ClientEvent.<type>` and `ServerEvent.<type>`. */
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** Refusals that have the same cause wherever they come from. */
const REFUSALS: Readonly<Record<number, string>> = {
  401: "The key or token is missing or wrong.",
  403: "The request comes from a page of a site that may not call.",
  413: "The body is too long.",
  429: "The caller has had all that one may have. `Retry-After` says when to come again.",
  503: "The server is not ready, or about to end. `Retry-After` says when to come back.",
};

/** Describes routes, and the conversations beside them, with the schemas that validate them. */
export function describeApi(routes: readonly Route[]): OpenApiDocument {
  const requests = new Map<z.ZodType, string>(CLIENT_SCHEMAS);
  const responses = new Map<z.ZodType, string>([...SERVER_SCHEMAS, [ErrorBody, "Error"]]);
  const paths: Record<string, Record<string, JsonSchema>> = {
    "/v1/realtime": { get: REALTIME_OPERATION },
  };
  for (const route of routes) {
    const id = operationId(route);
    name(requests, route.request, `${id}Request`);
    name(responses, route.response, `${id}Response`);
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: describe(route, { requests, responses }),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "ChatAI",
      version: "1",
      description: "A server that people talk to, in the shapes of OpenAI's API.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: {
        ...EVENT_CHOICES,
        ...toComponents(requests, "input"),
        ...toComponents(responses, "output"),
      },
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, why]) => [status, refusal(why)]),
      ),
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
}

/** Names of schemas, of both directions. */
interface Names {
  readonly requests: ReadonlyMap<z.ZodType, string>;
  readonly responses: ReadonlyMap<z.ZodType, string>;
}

function describe(route: Route, { requests, responses }: Names): JsonSchema {
  const guarded = route.path.startsWith("/v1/");
  const keyed = guarded || route.needsKey;
  const common = [
    ...(keyed ? [401, 403] : []),
    ...(route.request ? [413] : []),
    ...(route.countsAs ? [429] : []),
    ...(guarded ? [503] : []),
  ];
  return {
    operationId: operationId(route),
    tags: [guarded ? route.path.split("/")[2] : "server"],
    summary: route.summary,
    parameters: [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => (
      { name: parameter, in: "path", required: true, schema: { type: "string" } }
    )),
    ...(route.request &&
      { requestBody: { required: true, content: contentOf(route.request, requests) } }),
    responses: {
      200: { description: "Done.", content: contentOf(route.response, responses) },
      ...Object.fromEntries(
        common.map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
      ...Object.fromEntries(
        Object.entries(route.refusals ?? {}).map(([status, why]) => [status, refusal(why)]),
      ),
    },
    // only where the operator asks for keys
    ...(keyed && { security: [{ key: [] }, {}] }),
  };
}

/** `getModelsModel` of `GET /v1/models/{model}`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/v1\//, "/").split(/\W|_/).filter((word) => word !== "");
  return method.toLowerCase() +
    words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join("");
}

/** Names the schemas that have none: by their title, or by where they are used. */
function name(names: Map<NamedSchema[0], string>, content: Content = {}, fallback: string): void {
  for (const schema of Object.values(content)) {
    if (!names.has(schema)) names.set(schema, schema.meta()?.title ?? fallback);
  }
}

function contentOf(content: Content, names: Names["requests"]): JsonSchema {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [
      type,
      { schema: refTo(names.get(schema) ?? "") },
    ]),
  );
}

function refusal(description: string): JsonSchema {
  return { description, content: { "application/json": { schema: refTo("Error") } } };
}
