import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openSession, type SessionOptions } from "@/conversation/open_session.ts";
import {
  createFastEngines,
  type FastEngines,
  type FastEnginesOptions,
} from "../fakes/fast_engines.ts";
import {
  type RealtimeServer,
  type RealtimeServerOptions,
  serveRealtime,
} from "./realtime_server.ts";

/** The whole server but for its engines, which take no time, on a port of its own. */
export interface FastServer extends RealtimeServer, Omit<FastEngines, "engines"> {}

/** What a test does otherwise. */
export interface FastServerOptions
  extends Partial<SessionOptions>, FastEnginesOptions, Pick<RealtimeServerOptions, "identify"> {}

/** Starts one. Its store is in memory. */
export async function startFastServer(options: FastServerOptions = {}): Promise<FastServer> {
  const kv = await Deno.openKv(":memory:");
  const { engines, ...told } = createFastEngines(options);
  const server = serveRealtime({
    ...(options.identify && { identify: options.identify }),
    open: (client, { subject, model, ...request }) =>
      openSession(client, {
        ...request,
        owner: subject,
        model: model ?? "fast",
        engines,
        store: createKvSessionStore(kv, { ttlHours: 1 }),
        voice: "tone",
        instructions: "Be brief.",
        language: "en",
        maxMinutes: 60,
        ...options,
      }),
  });
  return {
    ...server,
    ...told,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      kv.close();
    },
  };
}
