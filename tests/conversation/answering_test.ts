import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { delay } from "@std/async/delay";
import { createKvSessionStore } from "@/conversation/kv_session_store.ts";
import type { ReplyPart } from "@/engines/llm/engine.ts";
import { openTalk, type Talk } from "./talk.ts";

const LONG_REPLY = "one two three four five six seven eight nine ten. ".repeat(4);

async function* long(): AsyncGenerator<ReplyPart> {
  yield { kind: "text", text: LONG_REPLY };
  yield { kind: "end", reason: "stop" };
}

/** What the history holds of a message, by default of the first. */
function remembered({ client, session }: Talk, index = 0): string {
  const [, itemId] = client.of("response.message")[index]!;
  session.retrieveItem(itemId);
  return client.of("itemRetrieved").at(-1)![0].content[0].transcript;
}

/** In mid-reply, and interrupted. */
async function interrupted(): Promise<Talk> {
  const talk = await openTalk({
    reply: long,
    settings: ({ audio }) => {
      audio.input.turn_detection!.create_response = false;
    },
  });
  talk.session.createResponse({});
  await talk.silence(1500);
  await talk.say("stop");
  return talk;
}

Deno.test("speaking again while the rest would have played lengthens no answer that was cut off", async () => {
  await using talk = await interrupted();
  const heard = remembered(talk);

  await talk.silence(540);
  await talk.say("wait");

  ok(heard.length > 0);
  equal(talk.client.of("speechStarted").length, 2);
  equal(remembered(talk), heard);
});

Deno.test("speaking again leaves what the client said that it played", async () => {
  await using talk = await interrupted();
  const [, itemId] = talk.client.of("response.message")[0]!;
  await talk.session.truncateItem(itemId, 0, 400);

  await talk.silence(540);
  await talk.say("wait");

  equal(remembered(talk), "one");
});

Deno.test("an answer that met its longest length is remembered as it is played, to its end", async () => {
  const reply = "one two three four five six.";
  await using talk = await openTalk({
    async *reply() {
      yield { kind: "text", text: reply };
      yield { kind: "end", reason: "length" };
    },
  });

  talk.session.createResponse({});
  const [, outcome] = await talk.client.until("response.end");

  equal(outcome.status, "incomplete");
  equal(remembered(talk), reply);
});

Deno.test("of an answer that failed all that was sent is remembered: it is played to its end", async () => {
  await using talk = await openTalk({
    async *reply() {
      yield { kind: "text", text: "one two three four five six. Seven." };
      await delay(200);
      throw new Error("Gone");
    },
  });

  talk.session.createResponse({});
  await talk.silence(300);

  equal(talk.client.of("response.end")[0]![1].status, "failed");
  equal(remembered(talk), "one two three four five six.");
});

Deno.test("a session that ends while a turn is being stored asks for no answer to it", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = createKvSessionStore(kv, { ttlHours: 1, now: () => Date.now() });
  const stored = Promise.withResolvers<void>();
  const talk = await openTalk({
    kv,
    reply: long,
    store: {
      ...store,
      async create(session) {
        const record = await store.create(session);
        return {
          ...record,
          async put(entry) {
            await stored.promise;
            await record.put(entry);
          },
        };
      },
    },
  });
  await talk.say("hello");
  await talk.silence(700);

  const ended = talk.session[Symbol.asyncDispose]();
  stored.resolve();
  await ended;

  equal(talk.client.of("transcribed").length, 1);
  deepEqual(talk.prompts, []);
  equal(talk.client.of("openResponse").length, 0);
  await talk[Symbol.asyncDispose]();
  kv.close();
});

Deno.test("an answer that waits for the user's words is cancelled without them, and the next may begin", async () => {
  const words = Promise.withResolvers<string>();
  await using talk = await openTalk({
    recognise: () => words.promise,
    settings: ({ audio }) => {
      audio.input.turn_detection = null;
    },
  });
  const { client, session } = talk;
  await talk.say("hello");
  await session.commit();
  session.createResponse({});

  await session.cancelResponse(undefined);
  session.createResponse({});
  const begun = client.of("openResponse").length;
  words.resolve("hello");
  await client.until("response.end", 2);

  equal(begun, 2);
  deepEqual(client.of("response.end").map(([, { status }]) => status), ["cancelled", "completed"]);
});

Deno.test("an input that refers to no item begins no answer", async () => {
  await using talk = await openTalk();
  const input = [{ type: "item_reference" as const, id: "item_none" }];

  await rejects(talk.session.createResponse({ input }), { param: "response.input" });
  await rejects(talk.session.createResponse({ input, conversation: "none" }), {
    param: "response.input",
  });

  equal(talk.client.of("openResponse").length, 0);
});

Deno.test("a written answer has no audio to truncate", async () => {
  await using talk = await openTalk({
    settings: (settings) => {
      settings.output_modalities = ["text"];
    },
  });
  talk.session.createResponse({});
  await talk.client.until("response.end");
  const [, itemId] = talk.client.of("response.message")[0]!;

  await rejects(talk.session.truncateItem(itemId, 0, 0), {
    code: "invalid_value",
    param: "item_id",
  });
});

Deno.test("an answer is played after the one before it, and interrupting it cuts both to what was heard", async () => {
  await using talk = await openTalk({ reply: long });
  const { client, session } = talk;
  session.createResponse({});
  await client.until("response.audio");
  await talk.silence(6500);
  await client.until("response.end");
  session.createResponse({});
  await talk.silence(300);

  await talk.say("stop");

  const [first, second] = [remembered(talk, 0), remembered(talk, 1)];
  ok(first.length > 100 && first.length < LONG_REPLY.trim().length, first);
  equal(second, "");
  ok(client.audioMs(client.of("openResponse")[1]![0].id) > 500);
});

Deno.test("a function may answer before its response is done, which the next has to wait for", async () => {
  await using talk = await openTalk({
    async *reply({ messages }) {
      if (messages.at(-1)?.role === "output") yield { kind: "text", text: "Done." };
      else yield { kind: "toolCall", callId: "call_1", name: "look", arguments: "{}" };
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client, session } = talk;
  session.createResponse({});
  await client.until("response.call");
  const endedBefore = client.of("response.end").length;

  const added = session.createItem({
    id: "item_output",
    object: "realtime.item",
    type: "function_call_output",
    status: "completed",
    call_id: "call_1",
    output: "sun",
  }, undefined);
  await rejects(session.createResponse({}), { code: "conversation_already_has_active_response" });
  await added;
  await client.until("response.end");
  session.createResponse({});
  await client.until("response.end", 2);

  equal(endedBefore, 0);
  equal(client.of("itemAdded")[0]![0].id, "item_output");
  equal(client.of("response.text")[0]![1], "Done.");
});
