import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { RealtimeClient } from "openai-realtime-api";
import { createEventLog, type EventLog, type WireEvent } from "../e2e/event_log.ts";
import { startServer } from "../e2e/server.ts";
import { ofType } from "../e2e/turns.ts";
import { createMouth, words } from "../e2e/user_speech.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { runReadmeLine } from "./readme_lines.ts";

const server = await startServer();
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

interface Connection extends Pick<EventLog, "received" | "next">, AsyncDisposable {
  readonly client: RealtimeClient;
  /** Its own items, as an app sees them. */
  items(): Item[];
}

/** An item with what the client has made of it. */
type Item = ReturnType<RealtimeClient["conversation"]["getItems"]>[number];

/** Connects as the README says. */
async function connect(): Promise<Connection> {
  const client = runReadmeLine<RealtimeClient>("openai-realtime-api", {
    server,
    scope: { RealtimeClient },
  });
  const log = createEventLog();
  const closed = Promise.withResolvers<void>();
  // as it came: the client adds to the events that it hands on
  const receive = client.realtime.receive.bind(client.realtime);
  client.realtime.receive = (type, event) => {
    log.add(structuredClone(event) as WireEvent);
    receive(type, event);
  };
  await client.connect();
  client.realtime.ws!.addEventListener("close", () => {
    log.end();
    closed.resolve();
  });
  return {
    client,
    received: log.received,
    next: log.next,
    items: () => client.conversation.getItems(),
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await closed.promise;
      checkEvents(log.received.map(({ event }) => event), { dialect: "beta", cut: true });
    },
  };
}

Deno.test("openai-realtime-api asks in writing, and puts the answer together of its pieces", async () => {
  await using connection = await connect();

  connection.client.updateSession({ modalities: ["text"] });
  connection.client.sendUserMessageContent([{
    type: "input_text",
    text: "How much is 11 plus 12?",
  }]);
  await connection.next(ofType("response.done"));

  const [user, assistant] = connection.items();
  equal(user?.formatted.text, "How much is 11 plus 12?");
  match(assistant?.formatted.text ?? "", /23/);
  equal(assistant?.status, "completed");
  equal(connection.received.some(({ event }) => event.type === "error"), false);
});

Deno.test("openai-realtime-api commits what was said, and gets transcript, speech and its text", async () => {
  await using connection = await connect();
  await using mouth = await createMouth();

  const speech = await mouth.speech("What time is it in London?");
  connection.client.appendInputAudio(new Int16Array(speech.buffer));
  connection.client.createResponse();
  await connection.next(ofType("response.done"));

  const [user, assistant] = connection.items();
  ok(words(user?.formatted.transcript ?? "").includes("london"), JSON.stringify(user?.content));
  match(assistant?.formatted.transcript ?? "", /London/);
  ok((assistant?.formatted.audio?.length ?? 0) > 24_000);
  equal(connection.received.some(({ event }) => event.type === "error"), false);
});

Deno.test("openai-realtime-api calls its tool, and the answer tells of the output", async () => {
  await using connection = await connect();
  const asked: unknown[] = [];

  connection.client.updateSession({ modalities: ["text"] });
  connection.client.addTool({
    name: "get_weather",
    description: "The weather of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  }, (args: unknown) => {
    asked.push(args);
    return { sky: "pink" };
  });
  connection.client.sendUserMessageContent([
    { type: "input_text", text: "What is the weather in Paris?" },
  ]);
  await connection.next(({ type, response }) =>
    type === "response.done" && response.output[0]?.type === "message"
  );

  const [, call, output, answer] = connection.items();
  deepEqual(asked, [{ city: "Paris" }]);
  deepEqual(JSON.parse(call?.formatted.tool?.arguments ?? ""), { city: "Paris" });
  equal(output?.formatted.output, '{"sky":"pink"}');
  match(answer?.formatted.text ?? "", /pink/);
  equal(connection.received.some(({ event }) => event.type === "error"), false);
});

Deno.test("openai-realtime-api finds every response, item and part open, and empty, before what is added to it", async () => {
  await using connection = await connect();

  connection.client.sendUserMessageContent([{ type: "input_text", text: "Say good morning." }]);
  await connection.next(ofType("response.done"));

  const events = connection.received.map(({ event }) => event);
  const types = events.map(({ type }) => type);
  const first = types.indexOf("response.created");
  deepEqual(types.slice(first, first + 4), [
    "response.created",
    "response.output_item.added",
    "conversation.item.created",
    "response.content_part.added",
  ]);
  const [created, , item, part] = events.slice(first);
  deepEqual(created!.response.output, []);
  deepEqual(item!.item.content, []);
  deepEqual(part!.part, { type: "audio", transcript: "" });
});
