import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openSession } from "@/conversation/open_session.ts";
import { createFastEngines, type FastEnginesOptions } from "../fakes/fast_engines.ts";
import { type RealtimeServer, serveRealtime } from "./realtime_server.ts";

/** Serves real sessions with engines that speak and hear in tones, over a real socket, in real time. */
export async function serveConversations(
  options: FastEnginesOptions = {},
): Promise<RealtimeServer> {
  const { engines } = createFastEngines(options);
  const kv = await Deno.openKv(":memory:");
  const server = serveRealtime({
    open: (client, { subject, model = "test", resume, type }) =>
      openSession(client, {
        model,
        owner: subject,
        resume,
        type,
        engines,
        store: createKvSessionStore(kv, { ttlHours: 1 }),
        voice: "tone",
        instructions: "",
        language: "en",
        maxMinutes: 60,
      }),
  });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      kv.close();
    },
  };
}
