import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async";
import fc from "fast-check";
import type { Prompt, ReplyPart } from "@/engines/llm/engine.ts";
import { EngineError } from "@/errors.ts";
import { readTones } from "../fakes/fast_engines.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { anySteps, type ClientMessage, type Step, type Verdict } from "./any_events.ts";
import { ask, eventsOf } from "./turns.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

/** How long all of it may take, and one session of it, in ms. */
const TIME_MS = 8000;
const SESSION_MS = 10_000;

/** What answers an event once if no error does. */
const ANSWERS: Readonly<Record<string, string>> = {
  "conversation.item.retrieve": "conversation.item.retrieved",
  "conversation.item.delete": "conversation.item.deleted",
  "conversation.item.truncate": "conversation.item.truncated",
};

/** Does what the last words say. */
async function* obey({ messages }: Prompt): AsyncGenerator<ReplyPart> {
  const last = messages.at(-1);
  const said = last !== undefined && "text" in last ? last.text : "";
  if (said === "fail") throw new EngineError("Gone", { engine: "obey", failure: "unavailable" });
  if (said !== "mute") yield { kind: "text", text: `${said || "Well"}. ` };
  if (said === "long") yield { kind: "text", text: "One two three four five six. ".repeat(8) };
  if (said === "call") {
    yield { kind: "toolCall", callId: "call_a", name: "look", arguments: "{}" };
    yield { kind: "toolCall", callId: "call_b", name: "look", arguments: "" };
  }
  yield { kind: "end", reason: said === "stop it" ? "length" : "stop" };
}

async function recognise(samples: Float32Array): Promise<string> {
  const text = await readTones(samples);
  if (text === "fail") throw new EngineError("Gone", { engine: "ears", failure: "crashed" });
  return text === "mute" ? "" : text;
}

interface Sent {
  readonly event: ClientMessage;
  readonly verdict: Verdict;
}

/** Does the steps, and tells what was sent under which id. */
async function perform(client: VoiceClient, steps: readonly Step[]): Promise<Map<string, Sent>> {
  const sent = new Map<string, Sent>();
  function send(event: ClientMessage, verdict: Verdict): void {
    const event_id = `mine_${sent.size}`;
    sent.set(event_id, { event, verdict });
    client.send({ ...event, event_id });
  }
  for (const step of steps) {
    switch (step.kind) {
      case "send":
        send(step.event, step.verdict);
        break;
      case "sendAbout":
        if (idsOf(client, step.field).length === 0) await caughtUp(client);
        send({ ...step.event, [step.field]: idOf(client, step) }, step.verdict);
        break;
      case "frame":
        client.socket.send(step.frame);
        break;
      case "pause":
        await caughtUp(client);
    }
  }
  return sent;
}

type About = Extract<Step, { kind: "sendAbout" }>;

function idOf(client: VoiceClient, { field, index }: About): string {
  const ids = idsOf(client, field);
  return ids[index % ids.length] ?? "none";
}

/** Ids of all items, or responses, that the client has heard of. */
function idsOf(client: VoiceClient, field: About["field"]): string[] {
  return field === "response_id"
    ? eventsOf(client, "response.created").map(({ response }) => response.id)
    : eventsOf(client, "conversation.item.added").map(({ item }) => item.id);
}

/** Settles when the server has answered all that was sent so far. */
async function caughtUp(client: VoiceClient): Promise<void> {
  const event_id = `caught_up_${crypto.randomUUID()}`;
  client.send({ type: "conversation.item.retrieve", item_id: "item_none", event_id });
  await client.next(({ error }) => error?.event_id === event_id);
}

/** Ends whatever goes on. */
async function quieten(client: VoiceClient): Promise<void> {
  client.send({
    type: "session.update",
    session: {
      type: "realtime",
      output_modalities: ["text"],
      audio: { input: { turn_detection: null } },
    },
  });
  client.send({ type: "input_audio_buffer.clear" });
  for (;;) {
    await caughtUp(client);
    const done = eventsOf(client, "response.done").map(({ response }) => response.id);
    const running = eventsOf(client, "response.created")
      .map(({ response }) => response.id)
      .filter((id) => !done.includes(id));
    if (running.length === 0) return;
    for (const id of running) {
      client.send({ type: "response.cancel", response_id: id, event_id: "quieten" });
      await client.next(({ type, response }) => type === "response.done" && response.id === id);
    }
  }
}

/** Holds that every event has its answer or its error, and none has both. */
function checkAnswers(client: VoiceClient, sent: ReadonlyMap<string, Sent>): void {
  const errors = Map.groupBy(eventsOf(client, "error"), ({ error }) => error.event_id);
  const good = (type: string) =>
    [...sent].filter(([id, { event }]) => event.type === type && !errors.has(id)).length;

  for (const [id, { event, verdict }] of sent) {
    const count = errors.get(id)?.length ?? 0;
    const expected = verdict === "illegal" ? 1 : verdict === "legal" ? 0 : Math.min(count, 1);
    equal(count, expected, `${count} errors for ${JSON.stringify(event).slice(0, 200)}`);
  }
  ok(
    eventsOf(client, "response.created").length >= good("response.create"),
    "a response is missing",
  );
  for (const [type, answer] of Object.entries(ANSWERS)) {
    equal(eventsOf(client, answer).length, good(type), `answers to ${type}`);
  }
}

Deno.test("whatever a client sends, in whatever order, its session keeps the protocol and answers afterwards", async () => {
  await using server = await startFastServer({ reply: obey, recognise });

  async function run(steps: readonly Step[]): Promise<void> {
    await using client = await connect({
      url: server.url,
      session: { audio: { input: { transcription: {} } } },
    });
    const sent = await perform(client, steps);
    await quieten(client);
    const { done, reply } = await ask(client, "Still there?");
    await caughtUp(client);

    equal(done.response.status, "completed");
    equal(reply, "Still there?. ");
    checkAnswers(client, sent);
    const withoutId = eventsOf(client, "error").filter(({ error }) => error.event_id === null);
    equal(withoutId.length, steps.filter(({ kind }) => kind === "frame").length);
    deepEqual(
      eventsOf(client, "error").filter(({ error }) => error.type === "server_error"),
      [],
    );
  }

  await fc.assert(
    fc.asyncProperty(anySteps, (steps) => deadline(run(steps), SESSION_MS)),
    { numRuns: 200, interruptAfterTimeLimit: TIME_MS },
  );
});
