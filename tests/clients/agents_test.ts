import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { RealtimeAgent, tool } from "@openai/agents-realtime";
import { z } from "zod";
import type { WireEvent } from "../e2e/event_log.ts";
import { createMicrophone } from "../e2e/microphone.ts";
import { startServer } from "../e2e/server.ts";
import { ofType } from "../e2e/turns.ts";
import { createMouth, words } from "../e2e/user_speech.ts";
import { WIRE_RATE } from "../e2e/voice_client.ts";
import { type AgentsConnection, connectAgents, textOf } from "./agents_connection.ts";

const server = await startServer();
const mouth = await createMouth();
Deno.test.afterAll(async () => {
  await mouth[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function microphoneOf({ session }: AgentsConnection) {
  return createMicrophone(WIRE_RATE, (pcm) => session.sendAudio(pcm.buffer));
}

/** Has it count aloud, and waits until a second of that must have been heard. */
async function letCount(agents: AgentsConnection): Promise<void> {
  agents.session.sendMessage("Count out loud to forty.");
  const lead = 2;
  await agents.next(() => agents.audioBytes() > (lead + 1) * WIRE_RATE * 2);
}

/** Matches what the server remembers of an answer. */
function retrievedAnswer({ type, item }: WireEvent): boolean {
  return type === "conversation.item.retrieved" && item.role === "assistant";
}

/** What the server would take for heard if all that was sent of an item had been played. */
async function transcriptOfAllSent(agents: AgentsConnection, itemId: string): Promise<string> {
  const from = agents.received.length;
  agents.transport.sendEvent({
    type: "conversation.item.truncate",
    item_id: itemId,
    content_index: 0,
    audio_end_ms: Math.floor(agents.audioBytes() / 2 / WIRE_RATE * 1000),
  });
  const { item } = await agents.next(retrievedAnswer, from);
  return item.content[0].transcript;
}

Deno.test("an agent that is spoken to calls its tool and speaks of the output, and its history tells so", async () => {
  const asked: string[] = [];
  const clock = tool({
    name: "get_time",
    description: "The time in a city.",
    parameters: z.object({ city: z.string() }),
    execute({ city }) {
      asked.push(city);
      return "half past nine";
    },
  });
  await using agents = await connectAgents({
    server,
    agent: new RealtimeAgent({ name: "clock", tools: [clock] }),
  });
  using microphone = microphoneOf(agents);

  microphone.open();
  await microphone.speak(await mouth.speech("What time is it in London?"));
  const history = await agents.history((items) =>
    items.length === 3 && items.every((item) => "status" in item && item.status === "completed") &&
    textOf(items[0]) !== ""
  );

  deepEqual(asked, ["London"]);
  deepEqual(
    history.map((item) => item.type === "message" ? item.role : item.type),
    ["user", "function_call", "assistant"],
  );
  ok(words(textOf(history[0])).includes("london"), textOf(history[0]));
  equal(textOf(history[1]), "half past nine");
  match(textOf(history[2]), /half past nine/);
  ok(agents.audioBytes() > WIRE_RATE, `${agents.audioBytes()} bytes`);
  deepEqual(agents.errors, []);
});

Deno.test("an agent that is spoken over falls silent, and only what was heard stays in its history", async () => {
  await using agents = await connectAgents({ server });
  using microphone = microphoneOf(agents);
  const interrupted = Promise.withResolvers<void>();
  agents.session.on("audio_interrupted", () => interrupted.resolve());

  microphone.open();
  await letCount(agents);
  await microphone.speak(await mouth.speech("Okay, thank you, that is enough."));
  await interrupted.promise;
  await agents.next(ofType("conversation.item.truncated"));
  const { item } = await agents.next(retrievedAnswer);
  const [, answer] = await agents.history((items) =>
    textOf(items[1]) === item.content[0].transcript
  );

  const { response } = await agents.next(ofType("response.done"));
  const heard = textOf(answer);
  const sent = await transcriptOfAllSent(agents, item.id);
  deepEqual(response.status_details, { type: "cancelled", reason: "turn_detected" });
  ok(heard !== "" && sent.startsWith(heard) && heard.length < sent.length, `${heard} / ${sent}`);
  equal(agents.sent.some(({ type }) => type === "response.cancel"), false);
  deepEqual(agents.errors, []);
});

Deno.test("an agent that is interrupted by its app falls silent, remembers what was heard, and answers the next", async () => {
  await using agents = await connectAgents({ server });

  await letCount(agents);
  agents.session.interrupt();
  const { response } = await agents.next(ofType("response.done"));
  const { item } = await agents.next(retrievedAnswer);
  const [, answer] = await agents.history((items) => items[1]?.itemId === item.id);
  const sent = await transcriptOfAllSent(agents, item.id);
  agents.session.sendMessage("How much is 11 plus 12?");
  const history = await agents.history((items) => textOf(items[3]) !== "");

  const heard = textOf(answer);
  equal(heard, item.content[0].transcript);
  deepEqual(response.status_details, { type: "cancelled", reason: "client_cancelled" });
  ok(heard !== "" && sent.startsWith(heard) && heard.length < sent.length, `${heard} / ${sent}`);
  match(textOf(history[3]), /23/);
  deepEqual(agents.errors, []);
});
