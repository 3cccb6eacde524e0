import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { LETTER_MS, startEdgeServer } from "../fakes/edge_server.ts";
import { startServer } from "./server.ts";
import { ask, ofType } from "./turns.ts";
import { audioOf, connect, WIRE_RATE } from "./voice_client.ts";

Deno.test("with Edge's voices, what was heard of an answer is cut where its words were spoken", async () => {
  const pauseMs = 3000;
  await using edge = await startEdgeServer({ pauseMs });
  await using server = await startServer({ TTS: "edge", EDGE_TTS_URL: edge.url });
  await using client = await connect({ url: server.realtime() });

  const { done, reply, responseId } = await ask(client, "Say wonderful weather out there");
  const [item] = done.response.output;
  const firstWord = reply.slice(0, reply.indexOf(" "));
  const secondWordMs = pauseMs + (firstWord.length + 1) * LETTER_MS;
  client.send({
    type: "conversation.item.truncate",
    item_id: item.id,
    content_index: 0,
    audio_end_ms: secondWordMs + LETTER_MS,
  });
  await client.next(ofType("conversation.item.truncated"));
  client.send({ type: "conversation.item.retrieve", item_id: item.id });
  const retrieved = await client.next(ofType("conversation.item.retrieved"));

  ok(reply.split(" ").length >= 4, reply);
  ok(audioOf(client, responseId).length / 2 / WIRE_RATE > pauseMs / 1000);
  equal(retrieved.item.content[0].transcript, firstWord);
  deepEqual(edge.violations, []);
});
