import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { createScripted } from "@/engines/llm/scripted.ts";
import { createFastEngines, echo } from "../fakes/fast_engines.ts";
import { type FastServerOptions, startFastServer } from "../realtime/fast_server.ts";
import type { WireEvent } from "./event_log.ts";
import { answer, ask, eventsOf, ofType, write } from "./turns.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

const WEATHER = {
  type: "function",
  name: "weather",
  description: "Tells the weather of a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** Says that it looks, and calls twice; once both have answered it repeats what they said. */
const callTwice: FastServerOptions = {
  async *reply({ messages }): AsyncGenerator<ReplyPart> {
    const outputs = messages.filter(({ role }) => role === "output");
    if (outputs.length > 0) {
      const text = outputs.map((message) => "output" in message ? message.output : "").join(" ");
      yield { kind: "text", text };
    } else {
      yield { kind: "text", text: "I look." };
      yield { kind: "toolCall", callId: "call_a", name: "weather", arguments: '{"city":"Rome"}' };
      yield { kind: "toolCall", callId: "call_b", name: "weather", arguments: '{"city":"Oslo"}' };
    }
    yield { kind: "end", reason: "stop" };
  },
};

function answerCall(client: VoiceClient, callId: string, output: string, eventId = ""): void {
  client.send({
    type: "conversation.item.create",
    event_id: eventId,
    item: { type: "function_call_output", call_id: callId, output },
  });
}

for (const modality of ["audio", "text"] as const) {
  Deno.test(`a response of ${modality} holds a message and two calls, and ends with the last of them`, async () => {
    await using server = await startFastServer(callTwice);
    await using client = await connect({
      url: server.url,
      session: { output_modalities: [modality], tools: [WEATHER] },
    });

    client.send({ type: "response.create" });
    const { done, responseId } = await answer(client);

    const events = client.received.map(({ event }) => event);
    const last = events.findLastIndex(ofType("response.output_item.done"));
    deepEqual(
      done.response.output.map(({ type, call_id, status }: WireEvent) => [type, call_id, status]),
      [
        ["message", undefined, "completed"],
        ["function_call", "call_a", "completed"],
        ["function_call", "call_b", "completed"],
      ],
    );
    deepEqual(
      eventsOf(client, "response.output_item.added").map(({ output_index, item }) => [
        output_index,
        item.type,
        item.name,
        item.arguments,
      ]),
      [
        [0, "message", undefined, undefined],
        [1, "function_call", "weather", ""],
        [2, "function_call", "weather", ""],
      ],
    );
    equal(events[last + 1]!.type, "response.done");
    equal(done.response.id, responseId);
  });
}

Deno.test("what the functions answered is only used once the client asks for a response", async () => {
  await using server = await startFastServer(callTwice);
  await using client = await connect({
    url: server.url,
    session: { output_modalities: ["text"], tools: [WEATHER] },
  });
  client.send({ type: "response.create" });
  await answer(client);
  const from = client.received.length;

  answerCall(client, "call_b", "snow");
  answerCall(client, "call_a", "sun");
  await client.settled();
  const begun = eventsOf(client, "response.created").length;
  client.send({ type: "response.create" });
  const { reply } = await answer(client, from);

  equal(begun, 1);
  equal(reply, "sun snow");
  deepEqual(server.prompts.at(-1)!.messages, [
    { role: "assistant", text: "I look." },
    { role: "call", callId: "call_a", name: "weather", arguments: '{"city":"Rome"}' },
    { role: "call", callId: "call_b", name: "weather", arguments: '{"city":"Oslo"}' },
    { role: "output", callId: "call_a", output: "sun" },
    { role: "output", callId: "call_b", output: "snow" },
  ]);
});

Deno.test("an output for a call that nobody made is refused, and joins nothing", async () => {
  await using server = await startFastServer();
  await using client = await connect({ url: server.url, session: { output_modalities: ["text"] } });

  answerCall(client, "call_x", "sun", "mine");
  const { error } = await client.next(ofType("error"));
  const { reply } = await ask(client, "Go on");

  deepEqual([error.code, error.param, error.event_id], [
    "item_create_invalid_call_id",
    "item.call_id",
    "mine",
  ]);
  equal(reply, "Go on.");
  equal(eventsOf(client, "conversation.item.added").length, 2);
});

Deno.test("a response cancelled while the model decides on a call makes none", async () => {
  const deciding = Promise.withResolvers<void>();
  await using server = await startFastServer({
    async *reply(prompt, { signal }) {
      if (prompt.messages.length > 0) return yield* echo(prompt);
      yield { kind: "text", text: "I look." };
      yield { kind: "toolCall", callId: "call_a", name: "weather", arguments: "{}" };
      deciding.resolve();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield { kind: "end", reason: "stop" };
    },
  });
  await using client = await connect({
    url: server.url,
    session: { output_modalities: ["text"], tools: [WEATHER] },
  });
  client.send({ type: "response.create" });
  await deciding.promise;

  client.send({ type: "response.cancel" });
  const { done } = await answer(client);
  answerCall(client, "call_a", "sun");
  const { error } = await client.next(ofType("error"));
  const { reply } = await ask(client, "Go on");

  deepEqual(done.response.status_details, { type: "cancelled", reason: "client_cancelled" });
  deepEqual(done.response.output.map(({ type, status }: WireEvent) => [type, status]), [
    ["message", "incomplete"],
  ]);
  equal(error.code, "item_create_invalid_call_id");
  equal(reply, "Go on.");
});

Deno.test("the embedded brain calls what it must, and tells what came of it", async () => {
  await using server = await startFastServer({
    engines: { ...createFastEngines().engines, llm: createScripted() },
  });
  await using client = await connect({
    url: server.url,
    session: { output_modalities: ["text"], tools: [WEATHER], tool_choice: "required" },
  });

  write(client, "What is the weather in Rome?");
  client.send({ type: "response.create" });
  const { done: { response: { output: [call] } } } = await answer(client);
  const from = client.received.length;
  answerCall(client, call.call_id, "sunny");
  client.send({ type: "response.create", response: { tool_choice: "none" } });
  const { reply } = await answer(client, from);

  equal(call.name, "weather");
  equal(typeof JSON.parse(call.arguments).city, "string");
  ok(reply.includes("sunny"), reply);
});
