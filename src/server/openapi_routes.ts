import { z } from "zod";
import { describeApi, type OpenApiDocument } from "@/server/openapi/document.ts";
import type { Route } from "@/server/route.ts";

/** `/openapi.json`: describes other routes. */
export function openApiRoutes(described: readonly Route[]): readonly Route[] {
  let document: OpenApiDocument | undefined;
  return [{
    method: "GET",
    path: "/openapi.json",
    summary: "Describes all of this.",
    response: { "application/json": z.unknown() },
    handle: () => Response.json(document ??= describeApi(described)),
  }];
}
