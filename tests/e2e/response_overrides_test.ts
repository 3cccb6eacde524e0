import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { createDecoder } from "@/audio/codec.ts";
import type { Prompt } from "@/engines/llm/engine.ts";
import { spokenText } from "../fakes/scripted_synthesiser.ts";
import { type FastServer, startFastServer } from "../realtime/fast_server.ts";
import { answer, ask, eventsOf, ofType, type Turn } from "./turns.ts";
import { audioOf, connect, type VoiceClient } from "./voice_client.ts";

const TOOL = { type: "function", name: "look" };

const TEXT = { output_modalities: ["text"] };

/** Asks for a response that differs from its session, and waits for it. */
async function respond(client: VoiceClient, response: Record<string, unknown>): Promise<Turn> {
  const from = client.received.length;
  client.send({ type: "response.create", response });
  return await answer(client, from);
}

interface Override {
  /** What the response asks for. */
  readonly response: Record<string, unknown>;
  /** What the model must have been told. */
  readonly told: (prompt: Prompt) => unknown;
  readonly expected: unknown;
  /** The same without the override. */
  readonly otherwise: unknown;
}

const OF_THE_PROMPT: Readonly<Record<string, Override>> = {
  instructions: {
    response: { instructions: "Shout." },
    told: ({ instructions }) => instructions,
    expected: "Shout.",
    otherwise: "Be kind.",
  },
  tools: {
    response: { tools: [TOOL] },
    told: ({ tools }) => tools.map(({ name }) => name),
    expected: ["look"],
    otherwise: [],
  },
  tool_choice: {
    response: { tool_choice: { type: "function", name: "look" } },
    told: ({ toolChoice }) => toolChoice,
    expected: { name: "look" },
    otherwise: "auto",
  },
  max_output_tokens: {
    response: { max_output_tokens: 7 },
    told: ({ maxOutputTokens }) => maxOutputTokens,
    expected: 7,
    otherwise: "inf",
  },
  input: {
    response: {
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "First" }] },
        { type: "item_reference", id: "item_known" },
      ],
    },
    told: ({ messages }) => messages.map((message) => "text" in message && message.text),
    expected: ["First", "Known"],
    otherwise: ["Known", "Known."],
  },
  "an empty input": {
    response: { input: [] },
    told: ({ messages }) => messages,
    expected: [],
    otherwise: [{ role: "user", text: "Known" }, { role: "assistant", text: "Hello." }],
  },
};

function talkTo(server: FastServer, session: Record<string, unknown> = {}): Promise<VoiceClient> {
  return connect({ url: server.url, session: { instructions: "Be kind.", ...session } });
}

for (const [name, { response, told, expected, otherwise }] of Object.entries(OF_THE_PROMPT)) {
  Deno.test(`a response may have ${name} of its own, and the next has the session's again`, async () => {
    await using server = await startFastServer();
    await using client = await talkTo(server, TEXT);
    client.send({
      type: "conversation.item.create",
      item: {
        id: "item_known",
        type: "message",
        role: "user",
        content: [{ type: "input_text", text: "Known" }],
      },
    });

    await respond(client, response);
    await respond(client, {});

    const [own, next] = server.prompts;
    deepEqual(told(own!), expected);
    deepEqual(told(next!), otherwise);
  });
}

Deno.test("a response may be written in a spoken session, and spoken in a written one", async () => {
  await using server = await startFastServer();
  await using spoken = await talkTo(server);
  await using written = await talkTo(server, TEXT);

  const text = await respond(spoken, { output_modalities: ["text"] });
  const audio = await respond(written, { output_modalities: ["audio"] });

  deepEqual(text.done.response.output_modalities, ["text"]);
  equal(text.done.response.output[0].content[0].type, "output_text");
  equal(eventsOf(spoken, "response.output_audio.delta").length, 0);
  deepEqual(audio.done.response.output_modalities, ["audio"]);
  equal(spokenText(heard(written, audio, "pcm16"), { sampleRate: 24_000, letterMs: 40 }), "hello ");
});

Deno.test("a response may have an audio format and a voice of its own", async () => {
  await using server = await startFastServer();
  await using client = await talkTo(server);
  const output = { format: { type: "audio/pcma" }, voice: "other" };

  const turn = await respond(client, { audio: { output } });
  await respond(client, {});

  deepEqual(turn.done.response.audio.output, output);
  equal(spokenText(heard(client, turn, "pcma"), { sampleRate: 8000, letterMs: 40 }), "hello ");
  deepEqual(server.tts.calls.map(({ options }) => options.voice), ["other", "tone"]);
  const [, next] = eventsOf(client, "response.done");
  deepEqual(next!.response.audio.output.format, { type: "audio/pcm", rate: 24_000 });
});

Deno.test("a response shows the limit and the metadata it was asked for", async () => {
  await using server = await startFastServer();
  await using client = await talkTo(server, TEXT);
  const metadata = { topic: "weather", "": "" };

  const { done } = await respond(client, { max_output_tokens: 4096, metadata });
  const plain = await respond(client, {});

  const [created] = eventsOf(client, "response.created");
  deepEqual([created!.response.metadata, done.response.metadata], [metadata, metadata]);
  equal(done.response.max_output_tokens, 4096);
  equal(plain.done.response.metadata, null);
  equal(plain.done.response.max_output_tokens, "inf");
});

Deno.test("a response out of band runs beside that of the conversation, and leaves nothing in it", async () => {
  const more = Promise.withResolvers<void>();
  await using server = await startFastServer({
    async *reply({ messages: [message] }) {
      yield { kind: "text", text: "Well. " };
      if (message === undefined) await more.promise;
      yield { kind: "text", text: "Done." };
      yield { kind: "end", reason: "stop" };
    },
  });
  await using client = await talkTo(server, TEXT);
  client.send({ type: "response.create", response: { input: [] } });
  const { response: { id } } = await client.next(ofType("response.created"));
  await client.next(ofType("response.output_text.delta"));

  const aside = await respond(client, {
    conversation: "none",
    metadata: { kind: "aside" },
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Sum up" }] }],
  });
  const itemId = aside.done.response.output[0].id;
  client.send({ type: "conversation.item.retrieve", item_id: itemId, event_id: "mine" });
  const { error } = await client.next(ofType("error"));
  more.resolve();
  const done = await client.next(({ type, response }) =>
    type === "response.done" && response.id === id
  );

  equal(aside.reply, "Well. Done.");
  equal(aside.done.response.conversation_id, null);
  deepEqual(aside.done.response.metadata, { kind: "aside" });
  deepEqual([error.code, error.event_id], ["item_retrieve_invalid_item_id", "mine"]);
  ok(done.response.conversation_id.startsWith("conv_"));
  deepEqual(
    eventsOf(client, "conversation.item.added").map(({ item }) => item.id),
    done.response.output.map((item: { id: string }) => item.id),
  );
});

Deno.test("a response out of band can be cancelled by its id, and never by accident", async () => {
  await using server = await startFastServer({
    async *reply(_, { signal }) {
      yield { kind: "text", text: "Well. " };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  await using client = await talkTo(server, TEXT);
  client.send({ type: "response.create", response: { conversation: "none" } });
  const { response: { id } } = await client.next(ofType("response.created"));

  client.send({ type: "response.cancel", event_id: "of-the-conversation" });
  const { error } = await client.next(ofType("error"));
  client.send({ type: "response.cancel", response_id: id });
  const { done } = await answer(client);

  deepEqual([error.code, error.event_id], ["response_cancel_not_active", "of-the-conversation"]);
  equal(done.response.status, "cancelled");
});

Deno.test("an item that a response's input refers to must be there", async () => {
  await using server = await startFastServer();
  await using client = await talkTo(server, TEXT);

  client.send({
    type: "response.create",
    event_id: "mine",
    response: { input: [{ type: "item_reference", id: "item_none" }] },
  });
  const { error } = await client.next(ofType("error"));
  const { reply } = await ask(client, "Go on");

  deepEqual([error.param, error.event_id], ["response.input", "mine"]);
  equal(reply, "Go on.");
});

function heard(client: VoiceClient, { responseId }: Turn, encoding: "pcm16" | "pcma") {
  return createDecoder(encoding)(audioOf(client, responseId));
}
