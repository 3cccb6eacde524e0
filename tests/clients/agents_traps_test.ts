import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import type { RealtimeMessageItem } from "@openai/agents-realtime";
import type WsWebSocket from "ws";
import { createScripted } from "@/engines/llm/scripted.ts";
import { EngineError } from "@/errors.ts";
import type { WireEvent } from "../e2e/event_log.ts";
import { ofType } from "../e2e/turns.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { type AgentsConnection, connectAgents, textOf } from "./agents_connection.ts";
import { inTones } from "./tone_speech.ts";
import { oneKey } from "../fakes/one_key.ts";

const IN_WRITING = { config: { outputModalities: ["text" as const] } };

const { reply } = createScripted();

function ask({ session }: AgentsConnection): void {
  session.sendAudio(inTones("How much is 11 plus 12?").buffer);
}

function textMessage(itemId: string, text: string): RealtimeMessageItem {
  return {
    itemId,
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text }],
  };
}

/** Every item that was received, of whatever event. */
function itemsOf({ received }: AgentsConnection): WireEvent[] {
  return received.flatMap(({ event }) => [
    ...(event.item ? [event.item] : []),
    ...(event.response?.output ?? []),
  ]);
}

Deno.test("agents' default session is taken as it is, and echoed with all that it left open", async () => {
  await using server = await startFastServer({ reply });
  await using agents = await connectAgents({ server });

  const { session } = await agents.next(({ session }) => session?.tracing === "auto");

  deepEqual(session.audio.input.turn_detection, {
    type: "semantic_vad",
    eagerness: "auto",
    create_response: true,
    interrupt_response: true,
  });
  deepEqual(session.audio.input.transcription, { model: "gpt-4o-mini-transcribe" });
  equal(session.audio.input.noise_reduction, null);
  deepEqual(session.output_modalities, ["audio"]);
  deepEqual(agents.errors, []);
});

Deno.test("agents, told of interrupt_response, leaves it to the server to cancel what is spoken over", async () => {
  await using server = await startFastServer({ reply });
  await using agents = await connectAgents({ server });

  agents.session.sendMessage("Count out loud to forty.");
  await agents.next(ofType("response.output_audio.delta"));
  ask(agents);
  const { response } = await agents.next(ofType("response.done"));
  await agents.next(ofType("conversation.item.truncated"));

  equal(response.status_details.reason, "turn_detected");
  equal(agents.sent.some(({ type }) => type === "response.cancel"), false);
  deepEqual(agents.errors, []);
});

Deno.test("agents lives through speech whose words are not yet known, and takes them up when they are", async () => {
  const words = Promise.withResolvers<string>();
  await using server = await startFastServer({ reply, recognise: () => words.promise });
  await using agents = await connectAgents({ server, config: IN_WRITING });

  ask(agents);
  const [before] = await agents.history((items) => items.length === 1);
  words.resolve("How much is 11 plus 12?");
  const history = await agents.history((items) => textOf(items[1]) !== "");

  const [spoken] = itemsOf(agents);
  deepEqual(spoken!.content, [{ type: "input_audio", transcript: null }]);
  equal(textOf(before), "");
  equal(textOf(history[0]), "How much is 11 plus 12?");
  match(textOf(history[1]), /23/);
  deepEqual(agents.errors, []);
});

Deno.test("agents is sent no item with null in its role, content, status, call_id, name or arguments", async () => {
  await using server = await startFastServer({ reply });
  await using agents = await connectAgents({
    server,
    config: {
      config: {
        ...IN_WRITING.config,
        toolChoice: "required",
        providerData: { tools: [{ type: "function", name: "order" }] },
      },
    },
  });

  ask(agents);
  const { item } = await agents.next(({ type, item }) =>
    type === "response.output_item.done" && item.type === "function_call"
  );
  agents.transport.sendEvent({
    type: "conversation.item.create",
    item: { type: "function_call_output", call_id: item.call_id, output: "pizza" },
  });
  await agents.next(({ item }) => item?.type === "function_call_output");
  agents.transport.requestResponse({ tool_choice: "none" });
  await agents.next(({ type, response }) =>
    type === "response.done" && response.output[0].type === "message"
  );

  const items = itemsOf(agents);
  const nulls = items.flatMap((item) =>
    Object.entries(item).flatMap(([key, value]) => value === null ? [key] : [])
  );
  equal(new Set(items.map(({ type, role }) => role ?? type)).size, 4);
  deepEqual(nulls, []);
});

Deno.test("agents understands that a transcription failed", async () => {
  const failure = new EngineError("Cannot hear", { engine: "tones", failure: "crashed" });
  await using server = await startFastServer({
    reply,
    recognise: () => Promise.reject(failure),
  });
  await using agents = await connectAgents({ server });
  const type = "conversation.item.input_audio_transcription.failed";
  const understood: string[] = [];
  agents.transport.on(type, () => understood.push(type));

  ask(agents);
  const { error } = await agents.next(ofType(type));
  const { response } = await agents.next(ofType("response.done"));

  deepEqual(understood, [type]);
  ok(Object.values(error).every((value) => typeof value === "string"), JSON.stringify(error));
  equal(response.status, "failed");
});

Deno.test("agents goes on asking for responses after one was refused, because the error names its event", async () => {
  await using server = await startFastServer({ reply });
  await using agents = await connectAgents({ server, config: IN_WRITING });

  agents.transport.requestResponse({ output_modalities: ["text", "audio"] });
  agents.session.sendMessage("How much is 11 plus 12?");
  const history = await agents.history((items) => textOf(items[1]) !== "");

  const [refusal, ...others] = agents.received.map(({ event }) => event).filter(ofType("error"));
  deepEqual(others, []);
  equal(refusal!.error.event_id, "agents_js_response_create_1");
  match(textOf(history[1]), /23/);
});

Deno.test("agents' edits of the history land where it puts them, and a refused one is named", async () => {
  await using server = await startFastServer({ reply });
  await using agents = await connectAgents({ server });
  const gone = textMessage("gone", "Never mind.");

  agents.session.updateHistory([textMessage("one", "One."), textMessage("three", "Three."), gone]);
  await agents.history((items) => items.length === 3);
  agents.session.updateHistory(([one, three, gone]) => [
    textMessage("zero", "Zero."),
    one!,
    textMessage("two", "Two."),
    three!,
    gone!,
  ]);
  await agents.history((items) => items.length === 5);
  agents.transport.sendEvent({ type: "conversation.item.delete", item_id: "gone" });
  agents.session.updateHistory((items) => items.filter(({ itemId }) => itemId !== "gone"));
  const { error } = await agents.next(ofType("error"));

  const history = await agents.history((items) => items.length === 4);
  deepEqual(history.map(({ itemId }) => itemId), ["zero", "one", "two", "three"]);
  const { event_id: refused } = agents.sent.findLast(ofType("conversation.item.delete"))!;
  match(refused, /^agents_delete_/);
  deepEqual([error.code, error.event_id], ["item_delete_invalid_item_id", refused]);
});

Deno.test("agents talks through Deno's own WebSocket as well, its key among the subprotocols", async () => {
  await using server = await startFastServer({
    reply,
    identify: oneKey("KEY", "owner"),
  });
  await using agents = await connectAgents({
    server,
    createWebSocket({ url, apiKey }) {
      const socket = new WebSocket(url, ["realtime", `openai-insecure-api-key.${apiKey}`]);
      return Promise.resolve(socket as unknown as WsWebSocket); // as far as agents uses it
    },
  });

  ask(agents);
  const history = await agents.history((items) => textOf(items[1]) !== "");

  match(textOf(history[1]), /23/);
  deepEqual(agents.errors, []);
});
