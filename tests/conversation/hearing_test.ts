import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async/delay";
import { tap } from "rxjs";
import { EngineError } from "@/errors.ts";
import { readTones } from "../fakes/fast_engines.ts";
import { openTalk } from "./talk.ts";

Deno.test("words that are written down after later ones have been answered are not answered again", async () => {
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
  const first = gates.splice(0);
  await talk.say("there");
  await talk.silence(600);

  for (const gate of gates.splice(0)) gate.resolve("there");
  await talk.silence(100);
  for (const gate of first) gate.resolve("hello");
  await talk.silence(2000);

  equal(client.of("openResponse").length, 1);
  deepEqual(talk.prompts.map(({ messages }) => messages), [[
    { role: "user", text: "hello" },
    { role: "user", text: "there" },
  ]]);
});

Deno.test("a turn that is admitted after a later one has been answered is not answered again", async () => {
  const admitted = { allowed: true, retryAfterSeconds: 0, limits: [] };
  const first = Promise.withResolvers<typeof admitted>();
  const verdicts = [first.promise, Promise.resolve(admitted)];
  await using talk = await openTalk({ admitTurn: () => verdicts.shift()! });
  const { client } = talk;

  await talk.say("hello");
  await talk.silence(600);
  await talk.say("there");
  await talk.silence(600);
  await client.until("response.end");
  first.resolve(admitted);
  await talk.silence(100);

  deepEqual(talk.prompts.map(({ messages }) => messages), [[
    { role: "user", text: "hello" },
    { role: "user", text: "there" },
  ]]);
});

Deno.test("a turn that the client commits waits to be asked for, though the voice began it", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;

  await talk.say("hello");
  await session.commit();
  await talk.silence(700);
  const before = client.of("openResponse").length;
  session.createResponse({});
  await client.until("response.end");

  equal(client.of("transcribed")[0]![1], "hello");
  equal(before, 0);
  equal(talk.prompts.length, 1);
});

Deno.test("a noise that cut an answer off before any of it was heard does not swallow it", async () => {
  let asked = 0;
  await using talk = await openTalk({
    async recognise(samples) {
      const text = await readTones(samples);
      return text.startsWith("ahem") ? "" : text;
    },
    async *reply(_, { signal }) {
      yield { kind: "text", text: "Well" };
      if (asked++ === 0) await delay(5000, { signal });
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(700);

  await talk.say("ahem");
  await talk.silence(1000);

  deepEqual(client.of("response.end").map(([, { status }]) => status), ["cancelled", "completed"]);
  deepEqual(talk.prompts[1]!.messages, [{ role: "user", text: "hello" }]);
});

Deno.test("words whose answer was cut off are answered though what followed them cannot be understood", async () => {
  await using talk = await openTalk({
    async recognise(samples) {
      const text = await readTones(samples);
      if (!text.startsWith("ahem")) return text;
      throw new EngineError("Gone", { engine: "tones", failure: "crashed" });
    },
    async *reply(_, { signal }) {
      await delay(1000, { signal });
      yield { kind: "text", text: "Well." };
      yield { kind: "end", reason: "stop" };
    },
  });
  const { client } = talk;
  await talk.say("hello");
  await talk.silence(700);

  await talk.say("ahem");
  await talk.silence(3000);

  equal(client.of("transcriptionFailed").length, 1);
  deepEqual(client.of("response.end").map(([, { status }]) => status), ["cancelled", "completed"]);
});

Deno.test("a session that ends in mid-recognition tells of no failure and keeps the turn", async () => {
  const kv = await Deno.openKv(":memory:");
  const first = await openTalk({ kv, recognise: () => new Promise(() => {}) });
  await first.say("hello");
  await first.silence(700);
  await first[Symbol.asyncDispose]();

  const second = await openTalk({ kv, resume: first.session.view().id });

  equal(first.client.of("transcriptionFailed").length, 0);
  equal(first.client.of("openResponse").length, 0);
  const [, [user]] = second.client.of("sessionCreated")[0]!;
  deepEqual(user.content, [{ type: "input_audio", transcript: null }]);
  await second[Symbol.asyncDispose]();
  kv.close();
});

Deno.test("words that wait for what is being said are answered when the client clears that", async () => {
  const first = Promise.withResolvers<string>();
  let runs = 0;
  await using talk = await openTalk({
    recognise: () => runs++ === 0 ? first.promise : Promise.resolve("never mind"),
  });
  const { client, session } = talk;
  await talk.say("hello");
  await talk.silence(600);
  await talk.say("there");
  first.resolve("hello");
  await talk.silence(40);
  const before = client.of("openResponse").length;

  await session.clear();
  await talk.silence(1000);

  equal(client.of("speechStarted").length, 2);
  equal(before, 0);
  deepEqual(talk.prompts.map(({ messages }) => messages), [[{ role: "user", text: "hello" }]]);
});

Deno.test("a clear answers nothing that did not wait for what it cleared", async () => {
  await using talk = await openTalk();
  const { client, session } = talk;
  await talk.say("hello");
  await session.commit();

  await talk.say("there");
  await session.clear();
  await talk.silence(1000);

  equal(client.of("transcribed").length, 1);
  equal(client.of("openResponse").length, 0);
});

Deno.test("the facts tell of each turn that nobody answers", async () => {
  const unanswered: string[] = [];
  const answered: (string | undefined)[] = [];
  await using talk = await openTalk({
    observe: (facts) =>
      facts.observe("test", (stream) =>
        stream.pipe(tap((fact) => {
          if (fact.kind === "turnUnanswered") unanswered.push(fact.itemId);
          if (fact.kind === "responseStarted") answered.push(fact.itemId);
        }))),
  });
  const { client, session } = talk;

  await talk.say("hello");
  await talk.silence(2000);
  await talk.say("good");
  await session.commit();
  await talk.silence(700);

  const [first, second] = client.of("committed").map(([itemId]) => itemId);
  deepEqual(answered, [first]);
  deepEqual(unanswered, [second]);
});
