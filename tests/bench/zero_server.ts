import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openSession } from "@/conversation/open_session.ts";
import { createApp } from "@/server/app.ts";
import { openKv } from "@/server/open_kv.ts";
import { createReadiness } from "@/server/readiness.ts";
import { createRealtimeEndpoint } from "@/server/realtime_endpoint.ts";
import { serve } from "@/server/serve.ts";
import { zeroEngines } from "./zero_engines.ts";

/**
 * The server as `main.ts` makes it, over engines that take no time. Its one argument is the file of its store. It
 * writes its address on a line, and runs until it is killed. `/heap` collects the garbage and tells what is left.
 */
const [kvPath = ":memory:"] = Deno.args;
const kv = await openKv(kvPath);
const store = createKvSessionStore(kv, { ttlHours: 1 });
const readiness = createReadiness({ kv });
readiness.enginesLoaded();
const endpoint = createRealtimeEndpoint({
  identify: () => ({ subject: "anonymous" }),
  corsOrigins: [],
  openSession: (client, { subject, model, ...request }) =>
    openSession(client, {
      ...request,
      owner: subject,
      model: model ?? "zero",
      engines: zeroEngines,
      store,
      voice: "zero",
      instructions: "",
      language: "en",
      maxMinutes: 60,
    }),
});
const app = createApp({
  readiness,
  corsOrigins: [],
  page: () => Promise.resolve(new Response(null, { status: 404 })),
  realtime: endpoint.handle,
  authorise: () => ({ subject: "anonymous" }),
  routes: [],
  hosts: "any",
  https: false,
});

const { gc } = globalThis as { gc?: () => void };

const server = serve({
  host: "127.0.0.1",
  port: 0,
  handler: (request, peer) => {
    if (new URL(request.url).pathname !== "/heap") return app(request, peer);
    gc?.();
    return Response.json(Deno.memoryUsage());
  },
});
// deno-lint-ignore no-console
console.log(server.url);
