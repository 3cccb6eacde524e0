import OpenAI from "openai";
import { type AppOptions, createApp, type RequestHandler } from "@/server/app.ts";

/** An app of fakes: ready, open to all, with a page of one file, and a realtime endpoint that says so. */
export function createTestApp(options: Partial<AppOptions> = {}): RequestHandler {
  return createApp({
    readiness: { enginesLoaded() {}, drain() {}, missing: () => Promise.resolve([]) },
    realtime: () => Promise.resolve(new Response("realtime")),
    page: ({ url }) =>
      Promise.resolve(
        new URL(url).pathname === "/" ? new Response("page") : new Response(null, { status: 404 }),
      ),
    corsOrigins: [],
    authorise: () => ({ subject: "anonymous" }),
    routes: [],
    hosts: "any",
    https: false,
    ...options,
  });
}

/** OpenAI's own client, pointed at an app. */
export function createOpenAI(app: RequestHandler, apiKey = "any"): OpenAI {
  return new OpenAI({
    apiKey,
    baseURL: "http://127.0.0.1:8000/v1",
    maxRetries: 0,
    fetch: async (url, init) => await app(new Request(url, init)),
  });
}
