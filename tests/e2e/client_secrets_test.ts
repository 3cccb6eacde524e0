import { rejects, strictEqual as equal } from "node:assert/strict";
import { once } from "node:events";
import OpenAI from "openai";
import { WebSocket } from "ws";
import { TestClient } from "../realtime/realtime_server.ts";
import { startServer } from "./server.ts";

Deno.test("a client secret opens conversations with its settings, from pages and from programs, and nothing else", async () => {
  await using server = await startServer({ API_KEYS: "right" });
  const openai = (apiKey: string) =>
    new OpenAI({ apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 });
  const { value } = await openai("right").realtime.clientSecrets.create({
    session: {
      type: "realtime",
      model: "mine",
      instructions: "Be brief.",
      output_modalities: ["text"],
    },
  });

  const page = new TestClient(server.realtime(), ["realtime", `openai-insecure-api-key.${value}`]);
  const { session } = await page.event("session.created");
  await page.close();
  const program = new WebSocket(server.realtime({ session: session.id }), {
    headers: { authorization: `Bearer ${value}` },
  });
  const [frame] = await once(program, "message");
  const gone = once(program, "close");
  program.close();
  await gone;
  const resumed = JSON.parse(String(frame));

  equal(session.instructions, "Be brief.");
  equal(session.model, "mine");
  equal(session.output_modalities[0], "text");
  equal(session.audio.input.turn_detection.type, "server_vad");
  equal(resumed.session.id, session.id);
  equal(resumed["chatai.resumed"], true);
  await rejects(openai(value).models.list(), OpenAI.AuthenticationError);
  await rejects(openai("wrong").models.list(), OpenAI.AuthenticationError);
  equal((await openai("right").models.retrieve("chatai")).id, "chatai");
  const stranger = await fetch(`${server.url}/v1/realtime`, {
    headers: { authorization: "Bearer ek_unknown" },
  });
  equal((await stranger.json()).error.code, "invalid_api_key");
});
