import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { connect } from "node:net";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { SessionEnd } from "@/conversation/session.ts";
import { ScriptedSession } from "../fakes/scripted_session.ts";
import { greet, serveRealtime } from "../realtime/realtime_server.ts";

/** What `openai` does of itself when its first session ends like this: it comes back, or gives up with a code. */
async function afterTheEnd(end: SessionEnd): Promise<string> {
  const sessions: ScriptedSession[] = [];
  const second = Promise.withResolvers<void>();
  await using server = serveRealtime({
    open(client, request) {
      const session = new ScriptedSession();
      if (sessions.push(session) === 2) second.resolve();
      return greet(session)(client, request);
    },
  });
  const port = Number(new URL(server.url).port);
  const rt = new OpenAIRealtimeWS({
    model: "any",
    reconnect: true,
    reconnectInitialDelay: 1,
    options: { createConnection: () => connect(port, "127.0.0.1") },
  }, new OpenAI({ apiKey: "KEY", baseURL: `http://127.0.0.1:${port}/v1` }));
  const closed = Promise.withResolvers<number>();
  rt.on("error", () => {});
  rt.on("close", closed.resolve);
  await new Promise<void>((resolve) => rt.once("session.created", () => resolve()));

  sessions[0]!.end(end);
  const outcome = await Promise.race([
    second.promise.then(() => "comes back"),
    closed.promise.then((code) => `gives up: ${code}`),
  ]);
  rt.close();
  await closed.promise;
  await server.ended();
  return outcome;
}

const OUTCOMES: readonly [SessionEnd, string][] = [
  ["shutdown", "comes back"],
  ["failed", "comes back"],
  ["expired", "gives up: 1000"],
  ["taken_over", "gives up: 4001"],
];

for (const [end, outcome] of OUTCOMES) {
  Deno.test(`openai with reconnect ${outcome} when its session has ended as ${end}`, async () => {
    deepEqual(await afterTheEnd(end), outcome);
  });
}
