import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import { map, tap } from "rxjs";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { EngineError } from "@/errors.ts";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import { openTalk } from "./talk.ts";

const LONG_REPLY = "one two three four five six seven eight nine ten.".repeat(4);

async function* long(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: LONG_REPLY };
  yield { kind: "end", reason: "stop" };
}

function transcriptOf(item: { content: { transcript: string }[] }): string {
  return item.content[0]!.transcript;
}

Deno.test("a spoken turn is heard, stored and answered in the protocol's order", async () => {
  await using talk = await openTalk();
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(700);
  await client.until("response.end");

  deepEqual(client.methods().filter((method) => method !== "partialTranscript"), [
    "sessionCreated",
    "sessionUpdated",
    "speechStarted",
    "speechStopped",
    "committed",
    "itemAdded",
    "transcribed",
    "openResponse",
    "response.message",
    "response.text",
    "response.audio",
    "response.end",
    "turnMetrics",
  ]);
  equal(client.of("transcribed")[0]![1], "hello");
  deepEqual(talk.prompts[0]!.messages, [{ role: "user", text: "hello" }]);
});

Deno.test("speech interrupts the answer, and history holds only what was heard", async () => {
  await using talk = await openTalk({ reply: long });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(3000);
  await talk.say("stop");
  await talk.silence(1000);

  const [responseId, outcome] = client.of("response.end")[0]!;
  const [itemId] = client.of("response.message").map(([, id]) => id);
  talk.session.retrieveItem(itemId);
  const heard = transcriptOf(client.of("itemRetrieved")[0]![0]);
  deepEqual(outcome, { status: "cancelled", reason: "turn_detected" });
  ok(heard.length > 0 && heard.length < LONG_REPLY.length && LONG_REPLY.startsWith(heard));
  ok(client.audioMs(responseId) >= heard.length * 40);
  deepEqual(talk.prompts[1]!.messages, [
    { role: "user", text: "hello" },
    { role: "assistant", text: heard },
    { role: "user", text: "stop" },
  ]);
});

Deno.test("speech against an answer that is done but still playing cuts it to what was heard", async () => {
  const reply = "one two three four five six.";
  await using talk = await openTalk({
    async *reply() {
      yield { kind: "text", text: reply };
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(900);
  await client.until("response.end");
  const ended = client.calls.length;
  await talk.say("wait");
  await talk.silence(100);

  const [, itemId] = client.of("response.message")[0]!;
  talk.session.retrieveItem(itemId);
  const heard = transcriptOf(client.of("itemRetrieved")[0]![0]);
  deepEqual(client.of("response.end")[0]![1], { status: "completed" });
  equal(client.calls[ended]!.method, "speechStarted");
  ok(heard.length > 0 && heard.length < reply.length, heard);
});

Deno.test("a client's truncation replaces the server's estimate", async () => {
  await using talk = await openTalk({ reply: long });
  const { client, session } = talk;
  await talk.say("hello");
  await talk.silence(3000);
  await talk.say("stop");
  const [, itemId] = client.of("response.message")[0]!;

  await session.truncateItem(itemId, 0, 0);
  session.retrieveItem(itemId);
  await session.truncateItem(itemId, 0, 600);
  session.retrieveItem(itemId);

  const [nothing, some] = client.of("itemRetrieved").map(([item]) => transcriptOf(item));
  deepEqual(client.of("itemTruncated"), [[itemId, 0, 0], [itemId, 0, 600]]);
  equal(nothing, "");
  equal(some, "one two");
  await rejects(session.truncateItem(itemId, 0, 600_000), { param: "audio_end_ms" });
  await rejects(session.truncateItem("item_x", 0, 0), { code: "item_truncate_invalid_item_id" });
});

Deno.test("an answer cut off by the client still leaves the user's transcript", async () => {
  await using talk = await openTalk({ reply: long });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(600);
  await client.until("openResponse");

  await talk.session.cancelResponse(undefined);

  deepEqual(client.of("response.end")[0]![1], { status: "cancelled", reason: "client_cancelled" });
  equal(client.of("transcribed")[0]![1], "hello");
  await rejects(talk.session.cancelResponse(undefined), { code: "response_cancel_not_active" });
});

Deno.test("what a model still says after the answer was cut off joins nothing", async () => {
  await using talk = await openTalk({
    async *reply(_, { signal }) {
      yield { kind: "text", text: "Hello there. " };
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield { kind: "text", text: "Too late." };
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client, session } = talk;
  session.createResponse({});
  await talk.silence(100);

  await session.cancelResponse(undefined);
  await talk.silence(100);
  await session.createItem({
    id: "item_next",
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text: "Go on" }],
  }, undefined);

  equal(client.of("response.message").length, 1);
  const [, messageId] = client.of("response.message")[0]!;
  equal(client.of("itemAdded")[0]![1], messageId);
});

Deno.test("a cough is no barge-in and makes no item", async () => {
  await using talk = await openTalk({ reply: long });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(2000);

  await talk.say("k");
  await talk.silence(1000);

  equal(client.of("speechStarted").length, 1);
  equal(client.of("response.end").length, 0);
});

Deno.test("an utterance without words starts no answer", async () => {
  await using talk = await openTalk({ recognise: () => Promise.resolve("") });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(1000);

  equal(client.of("transcribed")[0]![1], "");
  equal(client.of("openResponse").length, 0);
});

Deno.test("words spoken before the answer began are answered together with the words after", async () => {
  const gates: PromiseWithResolvers<string>[] = [];
  await using talk = await openTalk({
    recognise() {
      const gate = Promise.withResolvers<string>();
      gates.push(gate);
      return gate.promise;
    },
  });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(600);

  await talk.say("there");
  for (const gate of gates.splice(0)) gate.resolve("hello");
  await talk.silence(400);
  for (const gate of gates.splice(0)) gate.resolve("there");
  await talk.silence(400);

  equal(client.of("openResponse").length, 1);
  deepEqual(talk.prompts[0]!.messages, [
    { role: "user", text: "hello" },
    { role: "user", text: "there" },
  ]);
});

Deno.test("noise after words that were not answered yet does not swallow the answer", async () => {
  const texts = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let run = 0;
  await using talk = await openTalk({ recognise: () => texts[Math.min(run++, 1)]!.promise });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(600);

  await talk.say("ahem");
  texts[0]!.resolve("hello");
  texts[1]!.resolve("");
  await talk.silence(1000);

  equal(client.of("openResponse").length, 1);
  deepEqual(talk.prompts[0]!.messages, [{ role: "user", text: "hello" }]);
});

Deno.test("with interrupt_response off the answer runs on, and the next waits for it", async () => {
  await using talk = await openTalk({
    reply: long,
    settings: ({ audio }) => {
      audio.input.turn_detection!.interrupt_response = false;
    },
  });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(1000);
  await talk.say("again");
  await talk.silence(1000);
  const whileRunning = client.of("openResponse").length;
  await talk.silence(10_000);

  equal(whileRunning, 1);
  deepEqual(client.of("response.end")[0]![1], { status: "completed" });
  equal(client.of("openResponse").length, 2);
});

Deno.test("a manual turn is answered only when asked for, with its words", async () => {
  await using talk = await openTalk({
    settings: ({ audio }) => {
      audio.input.turn_detection = null;
    },
  });
  const { client, session } = talk;

  await talk.say("hello");
  await session.commit();
  const beforeAsking = client.of("openResponse").length;
  session.createResponse({});
  await client.until("response.end");

  equal(beforeAsking, 0);
  equal(client.of("speechStarted").length, 0);
  deepEqual(talk.prompts[0]!.messages, [{ role: "user", text: "hello" }]);
  await rejects(session.commit(), { code: "input_audio_buffer_commit_empty" });
});

Deno.test("the conversation has one answer at a time; one out of band runs beside it and leaves nothing", async () => {
  await using talk = await openTalk({ reply: long });
  const { client, session } = talk;

  session.createResponse({});
  await client.until("response.audio");
  await rejects(session.createResponse({}), { code: "conversation_already_has_active_response" });
  session.createResponse({ conversation: "none", output_modalities: ["text"], input: [] });
  await client.until("response.end");

  const [head] = client.of("openResponse")[1]!;
  const [, itemId] = client.of("response.message")[1]!;
  equal(head.conversationId, null);
  deepEqual(client.of("response.end")[0]!.slice(0, 2), [head.id, { status: "completed" }]);
  throws(() => session.retrieveItem(itemId), { code: "item_retrieve_invalid_item_id" });
});

Deno.test("an engine that fails ends the response as failed, and the session lives on", async () => {
  let broken = true;
  await using talk = await openTalk({
    // deno-lint-ignore require-yield
    async *reply() {
      if (broken) throw new EngineError("Gone", { engine: "echo", failure: "unavailable" });
    },
  });
  const { client, session } = talk;

  session.createResponse({});
  const [, outcome] = await client.until("response.end");
  await talk.time.tickAsync(0);
  broken = false;
  session.createResponse({});
  const [, next] = await client.until("response.end", 2);

  equal(outcome.status, "failed");
  equal(outcome.error.code, "engine_unavailable");
  ok(outcome.error.message.includes("echo"));
  equal(next.status, "completed");
});

Deno.test("a recogniser that fails is told, and the answer ends as failed", async () => {
  await using talk = await openTalk({
    recognise: () =>
      Promise.reject(new EngineError("Gone", { engine: "tones", failure: "crashed" })),
  });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(1000);

  equal(client.of("transcriptionFailed")[0]![1].code, "engine_crashed");
  equal(client.of("response.end")[0]![1].status, "failed");
});

Deno.test("an observer that throws ends nothing", async () => {
  await using talk = await openTalk({
    observe: (facts) =>
      facts.observe("broken", (stream) =>
        stream.pipe(map(() => {
          throw new Error("I am broken");
        }))),
  });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(1000);

  deepEqual(client.of("response.end")[0]![1], { status: "completed" });
  equal(client.of("turnMetrics").length, 1);
});

Deno.test("a session ended in mid-reply is resumed with all but what was not heard", async () => {
  const kv = await Deno.openKv(":memory:");
  const first = await openTalk({ kv, reply: long });
  await first.say("hello");
  await first.silence(3000);
  const { id } = first.session.view();
  await first[Symbol.asyncDispose]();

  const second = await openTalk({ kv, resume: id });

  const [view, resumed] = second.client.of("sessionCreated")[0]!;
  const [user, assistant] = resumed.map(transcriptOf);
  equal(view.id, id);
  equal(resumed.length, 2);
  equal(user, "hello");
  ok(assistant.length > 0 && assistant.length < LONG_REPLY.length, assistant);
  await second[Symbol.asyncDispose]();
  kv.close();
});

Deno.test("a second connection takes the session over, and the first writes nothing more", async () => {
  const kv = await Deno.openKv(":memory:");
  const first = await openTalk({ kv });
  const { id } = first.session.view();

  const second = await openTalk({ kv, time: first.time, resume: id });
  if (!first.session.signal.aborted) {
    await new Promise((resolve) => first.session.signal.addEventListener("abort", resolve));
  }

  equal(first.session.signal.reason, "taken_over");
  equal(second.session.view().id, id);
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  kv.close();
});

Deno.test("what is too large to be remembered is refused, and changes nothing", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  const text = "x".repeat(800_000);
  const { settings } = session.view();

  await rejects(
    session.createItem({
      id: "item_large",
      object: "realtime.item",
      type: "message",
      role: "user",
      status: "completed",
      content: [{ type: "input_text", text }],
    }, undefined),
    { code: "item_too_large" },
  );
  await rejects(session.update({ ...settings, instructions: text }), { code: "session_too_large" });

  equal(client.of("itemAdded").length, 0);
  throws(() => session.retrieveItem("item_large"), { code: "item_retrieve_invalid_item_id" });
  equal(session.view().settings, settings);
});

Deno.test("what a model says after a call is spoken before it", async () => {
  await using talk = await openTalk({
    async *reply() {
      yield { kind: "text", text: "One moment. " };
      yield { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" };
      yield { kind: "text", text: "I will look." };
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client, session } = talk;

  session.createResponse({});
  await client.until("response.end");

  const methods = client.methods().filter((method) => method.startsWith("response."));
  deepEqual(methods, [
    "response.message",
    "response.text",
    "response.audio",
    "response.call",
    "response.end",
  ]);
  equal(client.of("response.message").length, 1);
});

Deno.test("a session ends once, however often it is told to", async () => {
  const ends: string[] = [];
  const talk = await openTalk({
    observe: (facts) =>
      facts.observe("ends", (stream) =>
        stream.pipe(tap((fact) => {
          if (fact.kind === "sessionEnded") ends.push(fact.reason);
        }))),
  });

  await Promise.all([
    talk.session[Symbol.asyncDispose](),
    talk.session[Symbol.asyncDispose](),
  ]);

  deepEqual(ends, ["disconnected"]);
  await talk[Symbol.asyncDispose]();
});

Deno.test("a session ends by itself when its time is over", async () => {
  await using talk = await openTalk({ maxMinutes: 1 });

  await talk.time.tickAsync(60_000);

  equal(talk.session.signal.reason, "expired");
});

Deno.test("a session that is deleted ends as deleted", async () => {
  using kv = await Deno.openKv(":memory:");
  await using talk = await openTalk({ kv });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  talk.session.signal.addEventListener("abort", () => resolve());

  await createKvSessionStore(kv, { ttlHours: 1, now: () => Date.now() })
    .delete(talk.session.view().id, "anonymous");
  await ended;

  equal(talk.session.signal.reason, "deleted");
});

Deno.test("a new session begins as its opener configures the defaults", async () => {
  await using talk = await openTalk({
    configure: (settings) => ({ ...settings, instructions: `${settings.model}: be brief.` }),
  });

  equal(talk.session.view().settings.instructions, "test: be brief.");
});
