import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { deadline } from "@std/async";
import OpenAI from "openai";
import { DENOKV, startDenokv } from "./denokv.ts";
import { makeKvFile, type Pair, type SharedStore, startPair } from "./pair.ts";
import { startRoundRobin } from "./round_robin.ts";
import { startServer } from "./server.ts";
import { ask, eventsOf, ofType, write } from "./turns.ts";
import { upgrade } from "./upgrade.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

/** How long the end of a connection is waited for, in ms. */
const PATIENCE_MS = 30_000;

const TEXT = { output_modalities: ["text"] };

/** What is limited, so low that no allowance comes back while a test runs; every test is a caller of its own. */
const LIMITS = {
  API_KEYS: ["cut", "takeover", "delete", "turns", "connections", "sessions", "secret", "crash"]
    .join(),
  RATE_TURNS_PER_MINUTE: "2",
  RATE_CONNECTIONS_PER_MINUTE: "3",
};

/** A kind of store that several processes can share. */
interface Store {
  readonly name: string;
  /** Why it cannot be had here. */
  readonly absent?: string;
  start(): Promise<SharedStore>;
}

const STORES: readonly Store[] = [
  {
    name: "one KV Connect server",
    ...(DENOKV === undefined && { absent: "no denokv on the PATH or in DENOKV" }),
    start: () => startDenokv(DENOKV!),
  },
  { name: "one KV file", start: makeKvFile },
];

/** The id of a client's session. */
async function sessionOf(client: VoiceClient): Promise<string> {
  return (await client.next(ofType("session.created"))).session.id;
}

/** Whether a client was given a session that there was before. */
function isResumed(client: VoiceClient): boolean {
  return eventsOf(client, "session.created")[0]?.["chatai.resumed"] === true;
}

for (const store of STORES) {
  const ignore = store.absent !== undefined;
  const skipped = ignore ? ` (skipped: ${store.absent})` : "";
  const pairs: Pair[] = [];

  Deno.test.beforeAll(async () => {
    if (!ignore) pairs.push(await startPair(await store.start(), LIMITS));
  });

  Deno.test.afterAll(async () => {
    for (const pair of pairs) await pair[Symbol.asyncDispose]();
  });

  const test = (name: string, fn: (pair: Pair) => Promise<void>) =>
    Deno.test({ name: `${store.name}: ${name}${skipped}`, ignore, fn: () => fn(pairs[0]!) });

  test("a session cut off from one instance goes on at the other, with its history", async ({ servers }) => {
    await using proxy = startRoundRobin(servers.map(({ url }) => url));
    const { realtime } = proxy;
    await using before = await connect({ url: realtime(), session: TEXT, key: "cut" });
    const session = await sessionOf(before);
    await ask(before, "My name is Ottilie.");

    proxy.cut();
    await deadline(before.closed, PATIENCE_MS);
    await using after = await connect({ url: realtime({ session }), session: TEXT, key: "cut" });
    const { reply } = await ask(after, "What is my name?");

    notEqual(proxy.dialled[0], proxy.dialled[1]);
    equal(isResumed(after), true);
    match(reply, /Ottilie/);
  });

  test("a second connection takes a session over from the other instance, which is told though it writes nothing", async ({ servers }) => {
    const [there, here] = servers;
    await using first = await connect({ url: there.realtime(), session: TEXT, key: "takeover" });
    const session = await sessionOf(first);

    await using second = await connect({
      url: here.realtime({ session }),
      session: TEXT,
      key: "takeover",
    });
    const { code } = await deadline(first.closed, PATIENCE_MS);
    const { done } = await ask(second, "Hello.");

    equal(code, 4001);
    equal(isResumed(second), true);
    equal(done.response.status, "completed");
  });

  test("a session that one instance serves ends when the other deletes it", async ({ servers }) => {
    const [there, here] = servers;
    await using client = await connect({ url: there.realtime(), session: TEXT, key: "delete" });
    const url = `${here.url}/v1/sessions/${await sessionOf(client)}`;
    const headers = { authorization: "Bearer delete" };

    const deleted = await (await fetch(url, { method: "DELETE", headers })).json();
    const { reason } = await deadline(client.closed, PATIENCE_MS);

    equal(deleted.deleted, true);
    equal(reason, "The session was deleted");
  });

  test("a caller's turns are counted over both instances", async ({ servers }) => {
    const clients = await Promise.all(
      servers.map(({ realtime }) => connect({ url: realtime(), session: TEXT, key: "turns" })),
    );
    for (const client of clients) await ask(client, "Hello.");

    for (const client of clients) client.send({ type: "response.create" });
    const errors = await Promise.all(clients.map((client) => client.next(ofType("error"))));

    deepEqual(errors.map(({ error }) => error.code), [
      "rate_limit_exceeded",
      "rate_limit_exceeded",
    ]);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test("a caller's connections are counted over both instances", async ({ servers }) => {
    const [there, here] = servers;

    const answers = [];
    for (const server of [there, here, there, here, there]) {
      answers.push(await upgrade(server, { key: "connections" }));
    }

    for (const { close } of answers) await close();
    deepEqual(answers.map(({ status }) => status), [101, 101, 101, 429, 429]);
  });

  test("a caller's sessions are counted over both instances, and those of one that was stopped are over", async ({ env }) => {
    const few = { ...env, MAX_SESSIONS_PER_CALLER: "2", RATE_CONNECTIONS_PER_MINUTE: "0" };
    await using there = await startServer(few);
    await using here = await startServer(few);
    const calls = [];
    for (const server of [there, here, there, here]) {
      calls.push(await upgrade(server, { key: "sessions" }));
    }

    await there.stop();
    const next = await upgrade(here, { key: "sessions" });
    const last = await upgrade(here, { key: "sessions" });

    for (const { close } of [calls[1]!, next]) await close();
    deepEqual(calls.map(({ status }) => status), [101, 101, 429, 429]);
    deepEqual([next.status, last.status], [101, 429]);
  });

  test("a client secret that one instance made opens a session at the other", async ({ servers }) => {
    const [there, here] = servers;
    const openai = new OpenAI({ apiKey: "secret", baseURL: `${there.url}/v1` });
    const { value: key } = await openai.realtime.clientSecrets.create({
      session: { type: "realtime", instructions: "Be brief." },
    });

    await using client = await connect({ url: here.realtime(), session: null, key });
    const { session } = await client.next(ofType("session.created"));

    equal(session.instructions, "Be brief.");
  });

  test("a session whose instance dies while it speaks goes on at the other at once", async ({ env, servers }) => {
    await using doomed = await startServer(env);
    await using before = await connect({ url: doomed.realtime(), key: "crash" });
    const session = await sessionOf(before);
    write(before, "Count out loud to forty.");
    before.send({ type: "response.create" });
    await before.next(ofType("response.output_audio.delta"));

    await doomed.kill();
    await using after = await connect({
      url: servers[1].realtime({ session }),
      session: TEXT,
      key: "crash",
    });
    const items = eventsOf(after, "conversation.item.added").map(({ item }) => item);
    const { reply } = await ask(after, "What is three plus four?");

    equal(isResumed(after), true);
    deepEqual(items.map(({ content }) => content[0].text), ["Count out loud to forty."]);
    match(reply, /seven|7/i);
  });
}

Deno.test({
  name: `a KV Connect server that refuses the token is named${
    DENOKV === undefined ? " (skipped: no denokv)" : ""
  }`,
  ignore: DENOKV === undefined,
  fn: async () => {
    await using kv = await startDenokv(DENOKV!);

    await rejects(
      startServer({ ...kv.env, DENO_KV_ACCESS_TOKEN: "quite another token" }),
      ({ message }: Error) => {
        match(message, /KV_PATH: cannot open/);
        ok(!/\.ts:\d+/.test(message), message);
        return true;
      },
    );
  },
});
