import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async";
import { startFakeOpenAi } from "../fakes/openai_server.ts";
import { HAS_NGINX, type Proxy, startNginx, testNginx } from "./nginx.ts";
import { makeKvFile, type Pair, startPair } from "./pair.ts";
import { startRoundRobin } from "./round_robin.ts";
import { startServer, type TestServer } from "./server.ts";
import { answer, ask, eventsOf, ofType, transcript, write } from "./turns.ts";
import { upgrade } from "./upgrade.ts";
import { createMouth } from "./user_speech.ts";
import { connect, type VoiceClient } from "./voice_client.ts";
import { silence, wavOf } from "./wav.ts";

/** How long the end of a connection, or the beginning of an answer, is waited for, in ms. */
const PATIENCE_MS = 30_000;

const TEXT = { output_modalities: ["text"] };

const key = "key";
const headers = { authorization: `Bearer ${key}` };

const pairs: Pair[] = [];

Deno.test.beforeAll(async () => {
  if (HAS_NGINX) pairs.push(await startPair(await makeKvFile(), { API_KEYS: key }));
});

Deno.test.afterAll(async () => {
  for (const pair of pairs) await pair[Symbol.asyncDispose]();
});

function test(name: string, fn: (pair: Pair) => Promise<void>): void {
  testNginx(name, () => fn(pairs[0]!));
}

/** Connects to converse in writing. */
function call(
  { realtime, client }: Pick<Proxy, "realtime" | "client">,
  query: Record<string, string> = {},
): Promise<VoiceClient> {
  return connect({ url: realtime(query), session: TEXT, key, client });
}

/** Tells a name, and hears which session it was told in. */
async function introduce(client: VoiceClient): Promise<string> {
  await ask(client, "My name is Ottilie.");
  return eventsOf(client, "session.created")[0]!.session.id;
}

/** How many sessions each of these servers has opened so far. */
function opened(servers: readonly TestServer[]): Promise<number[]> {
  return Promise.all(servers.map(async ({ url }) => {
    const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
    return Number(/^chatai_sessions_opened_total (\d+)$/m.exec(metrics)?.[1]);
  }));
}

/** Uploads a recording, to be written down. */
function upload({ url, client }: Proxy, file: File, fields: Record<string, string> = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ model: "any", ...fields })) body.set(name, value);
  body.set("file", file);
  return fetch(`${url}/v1/audio/transcriptions`, { method: "POST", headers, body, client });
}

test("connections go to one instance and the other in turn", async ({ servers }) => {
  const earlier = await opened(servers);
  await using nginx = await startNginx(...servers);

  for (let count = 0; count < 4; count++) await (await call(nginx))[Symbol.asyncDispose]();
  const later = await opened(servers);

  deepEqual(later.map((count, i) => count - earlier[i]!), [2, 2]);
});

test("a conversation goes on in writing and aloud", async ({ servers }) => {
  await using mouth = await createMouth();
  const question = await mouth.speech("What is three plus four?");
  await using nginx = await startNginx(...servers);
  await using client = await connect({
    url: nginx.realtime(),
    session: { audio: { input: { transcription: {} } } },
    key,
    client: nginx.client,
  });

  const written = await ask(client, "How much is two plus three?");
  const from = client.received.length;
  client.openMicrophone();
  await client.speak(question);
  const heard = await transcript(client, { from });
  const spoken = await answer(client, from);

  match(nginx.realtime(), /^wss:/);
  match(written.reply, /five|5/i);
  match(heard, /three plus four|3 plus 4/i);
  match(spoken.reply, /seven|7/i);
});

test("audio comes while the reply is still being made: there is something left to cancel", async ({ servers }) => {
  await using nginx = await startNginx(...servers);
  await using client = await connect({ url: nginx.realtime(), key, client: nginx.client });
  write(client, "Count out loud to forty.");
  client.send({ type: "response.create" });

  await client.next(ofType("response.output_audio.delta"));
  client.send({ type: "response.cancel" });
  const { done } = await answer(client);

  equal(done.response.status, "cancelled");
});

test("what was said so far in a recording comes before the rest is understood", async () => {
  await using recogniser = await startFakeOpenAi({ hears: "the first sentence" });
  recogniser.fault = () => recogniser.arrivals() === 0 ? undefined : { kind: "silence" };
  await using mouth = await createMouth();
  const sentence = await mouth.speech("I would like a cup of tea with milk and sugar.");
  await using server = await startServer({ ASR: "openai", ASR_BASE_URL: recogniser.url });
  await using nginx = await startNginx(server);

  const file = wavOf(sentence, silence(2), sentence);
  const { body } = await deadline(upload(nginx, file, { stream: "true" }), PATIENCE_MS);
  const events = body!.getReader();
  const { value } = await deadline(events.read(), PATIENCE_MS);

  await events.cancel();
  const event = { type: "transcript.text.delta", delta: "the first sentence" };
  equal(new TextDecoder().decode(value), `data: ${JSON.stringify(event)}\n\n`);
});

test("a session cut off from one instance goes on at the other, with its history", async ({ servers }) => {
  const earlier = await opened(servers);
  await using nginx = await startNginx(...servers);
  await using network = startRoundRobin([nginx.url]);
  const realtime = (query = {}) => network.realtime(query).replace("ws:", "wss:");
  await using first = await call({ ...nginx, realtime });
  const session = await introduce(first);

  network.cut();
  await deadline(first.closed, PATIENCE_MS);
  await using second = await call({ ...nginx, realtime }, { session });
  const { reply } = await ask(second, "What is my name?");
  const later = await opened(servers);

  match(reply, /Ottilie/);
  deepEqual(later.map((count, i) => count - earlier[i]!), [1, 1]);
});

test("while an instance stops, its callers and all new ones are served by the other", async ({ env, servers }) => {
  await using stopping = await startServer(env);
  await using nginx = await startNginx(stopping, servers[0]);
  await using first = await call(nginx);
  const session = await introduce(first);
  await using speaking = await connect({ url: stopping.realtime(), key });
  write(speaking, "Count out loud to forty.");
  speaking.send({ type: "response.create" });
  await speaking.next(ofType("response.output_audio.delta"));

  const stopped = stopping.stop();
  const { code } = await deadline(first.closed, PATIENCE_MS);
  await using second = await call(nginx, { session });
  await using newcomer = await call(nginx);
  const replies = [await ask(second, "What is my name?"), await ask(newcomer, "Say hello.")];
  speaking.send({ type: "response.cancel" });

  equal(code, 1001);
  match(replies[0]!.reply, /Ottilie/);
  equal(replies[1]!.done.response.status, "completed");
  equal(await stopped, 0);
});

test("when an instance dies, its callers and all new ones are served by the other", async ({ env, servers }) => {
  await using doomed = await startServer(env);
  await using nginx = await startNginx(doomed, servers[0]);
  await using first = await call(nginx);
  const session = await introduce(first);

  await doomed.kill();
  await deadline(first.closed, PATIENCE_MS);
  await using second = await call(nginx, { session });
  await using newcomer = await call(nginx);
  const replies = [await ask(second, "What is my name?"), await ask(newcomer, "Say hello.")];

  match(replies[0]!.reply, /Ottilie/);
  equal(replies[1]!.done.response.status, "completed");
});

test("the pages are found without leaving https, and may call; those of other sites may not", async ({ servers }) => {
  await using nginx = await startNginx(...servers);
  const from = (origin: string) => upgrade(nginx, { key, ca: nginx.cert, headers: { origin } });

  const docs = await fetch(`${nginx.url}/docs`, { client: nginx.client });
  const answers = [await from(nginx.url), await from("https://elsewhere.example")];

  await docs.body?.cancel();
  deepEqual([docs.url, docs.status], [`${nginx.url}/docs/`, 200]);
  for (const { close } of answers) await close();
  deepEqual(answers.map(({ status }) => status), [101, 403]);
});

test("outsiders get no metrics, whatever key they show", async ({ servers }) => {
  await using nginx = await startNginx(...servers);
  const { client } = nginx;
  const paths = ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/metrics?x=/"];

  const inside = await fetch(`${servers[0].url}/metrics`, { headers });
  const outside = await Promise.all(
    paths.map((path) => fetch(`${nginx.url}${path}`, { headers, client })),
  );

  for (const { body } of [inside, ...outside]) await body?.cancel();
  equal(inside.status, 200);
  deepEqual(outside.map(({ status }) => status), paths.map(() => 404));
});

test("a recording of 3 MB is written down, and one of more than 26 MB is not even passed on", async ({ servers }) => {
  await using mouth = await createMouth();
  const sentence = await mouth.speech("The quick brown fox jumps over the lazy dog.");
  const long = wavOf(sentence, silence(65));
  await using nginx = await startNginx(...servers);

  const heard = await upload(nginx, long);
  const refused = await upload(nginx, new File([new Uint8Array(27_300_000)], "large.wav"));

  ok(long.size > 3_000_000);
  match((await heard.json()).text, /quick brown fox/i);
  await refused.body?.cancel();
  equal(refused.status, 413);
  equal(refused.headers.get("x-request-id"), null);
});

test("who shows a wrong key is told before the upload is over", async ({ servers }) => {
  await using nginx = await startNginx(...servers);
  const endless = new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(100_000)) });

  const refused = await deadline(
    fetch(`${nginx.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers: { authorization: "Bearer wrong" },
      body: endless,
      client: nginx.client,
    }),
    PATIENCE_MS,
  );

  await refused.body?.cancel();
  equal(refused.status, 401);
});
