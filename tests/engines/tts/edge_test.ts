import {
  deepStrictEqual as deepEqual,
  match,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { deadline } from "@std/async";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { loadConfig } from "@/config.ts";
import { createEdge } from "@/engines/tts/edge.ts";
import type { SpeechSynthesiser, SynthesisOptions } from "@/engines/tts/engine.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";
import { startEdgeServer } from "../../fakes/edge_server.ts";

const never = new AbortController().signal;

function create(
  url: string,
  { patienceMs, language = "en" }: { patienceMs?: number; language?: string } = {},
): Promise<SpeechSynthesiser> {
  const config = loadConfig({ EDGE_TTS_URL: url, LANGUAGE: language }, KNOWN_ENGINES);
  return createEdge(config, {
    ...(patienceMs && { patience: { connectMs: patienceMs, partMs: patienceMs } }),
  });
}

function collect(tts: SpeechSynthesiser, text: string, options: Partial<SynthesisOptions> = {}) {
  return Array.fromAsync(tts.synthesize(text, { signal: never, ...options }));
}

testSpeechSynthesiser("edge", async () => {
  const server = await startEdgeServer();
  const edge = await create(server.url);
  return {
    name: edge.name,
    voices: edge.voices,
    synthesize: edge.synthesize,
    async [Symbol.asyncDispose]() {
      deepEqual(server.violations, []);
      await edge[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

testRemoteEngine("edge", {
  start: () => startEdgeServer(),
  create: ({ url }, options) => create(url, options),
  ask: (edge, which, signal) =>
    edge.synthesize(["What a secret sentence this is.", "Another."][which]!, { signal }),
  whole: (pieces) => pieces.flatMap(({ samples }) => [...samples]),
  secrets: ["secret sentence"],
});

Deno.test("edge says a text as it is, whatever it looks like", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);
  const text = `Tom & Jerry <3 "it's" </prosody><break time='9s'/> ]]>`;

  await collect(edge, text);

  equal(server.asked[0]?.text, text);
  deepEqual(server.violations, []);
});

Deno.test("edge tells when each word begins, with the piece in which it does", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);

  const speech = await collect(edge, "Tom & Jerry are friends.", { speed: 2 });

  const words = speech.flatMap(({ words = [] }) => words);
  const letter = 24_000 * 0.02;
  deepEqual(words, [
    { word: "Tom", startSample: 0 },
    { word: "Jerry", startSample: 6 * letter },
    { word: "are", startSample: 12 * letter },
    { word: "friends", startSample: 16 * letter },
  ]);
  let end = 0;
  for (const { samples, words = [] } of speech) {
    end += samples.length;
    ok(words.every(({ startSample }) => startSample < end && startSample >= end - 24_000));
  }
});

Deno.test("edge's words keep their times where a long text is cut", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);
  const sentence = "This is one sentence of many. ";

  const speech = await collect(edge, sentence.repeat(60));

  const words = speech.flatMap(({ words = [] }) => words);
  equal(words.length, 6 * 60);
  ok(server.asked.length > 1);
  ok(words.every(({ startSample }, i) => i === 0 || startSample > words[i - 1]!.startSample));
});

Deno.test("edge's default voice is one of the language", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url, { language: "zh" });

  await collect(edge, "你好。");
  await collect(edge, "Hello.", { language: "en-GB" });
  await collect(edge, "Hello.", { voice: "slt", language: "en" });
  await collect(edge, "Hello.", { voice: "zh-CN-liaoning-XiaobeiNeural" });

  equal(edge.voices[0], "zh-CN-XiaoxiaoNeural");
  deepEqual(server.asked.map(({ voice, locale }) => `${voice} ${locale}`), [
    "zh-CN-XiaoxiaoNeural zh-CN",
    "en-GB-SoniaNeural en-GB",
    "en-US-AriaNeural en-US",
    "zh-CN-liaoning-XiaobeiNeural zh-CN",
  ]);
});

Deno.test("edge speaks a language by the voices that the service lists, and until then by its own", async () => {
  const list = Promise.withResolvers<readonly string[]>();
  await using server = await startEdgeServer({ voices: list.promise });
  await using edge = await create(server.url, { language: "sw" });
  await collect(edge, "Habari.");
  equal(edge.voices[0], "en-US-AriaNeural");

  list.resolve([
    "en-US-AriaNeural",
    "sw-KE-ZuriNeural",
    "what no voice is called",
    "sw-TZ-DaudiNeural",
  ]);
  for (let i = 0; i < 1000 && edge.voices[0] === "en-US-AriaNeural"; i++) await turns(1);
  await collect(edge, "Habari.");
  await collect(edge, "Hello.", { language: "en" });

  deepEqual(edge.voices, ["sw-TZ-DaudiNeural", "sw-KE-ZuriNeural", "en-US-AriaNeural"]);
  deepEqual(
    server.asked.map(({ voice }) => voice),
    ["en-US-AriaNeural", "sw-TZ-DaudiNeural", "en-US-AriaNeural"],
  );
  deepEqual(server.violations, []);
});

Deno.test("edge waits neither at its start nor at its end for the list of voices", async () => {
  await using server = await startEdgeServer({ voices: new Promise(() => {}) });
  const edge = await create(server.url);
  const asked = await server.nextList();
  await turns(5);

  await edge[Symbol.asyncDispose]();

  await deadline(asked.closed, 2000);
});

Deno.test("edge makes nothing of a list that cannot be had, or is empty, but a line for those who look", async () => {
  await using listless = await startEdgeServer();
  await using empty = await startEdgeServer({ voices: [] });
  const gone = await startEdgeServer();
  await gone[Symbol.asyncDispose]();
  const lines: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void lines.push(record) },
    loggers: [
      { category: "chatai", sinks: ["memory"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });

  const defaults: (string | undefined)[] = [];
  for (const [index, { url }] of [listless, empty, gone].entries()) {
    await using edge = await create(url, { language: "sw" });
    for (let i = 0; i < 1000 && lines.length === index; i++) await turns(1);
    defaults.push(edge.voices[0]);
  }
  await reset();

  deepEqual(defaults, Array(3).fill("en-US-AriaNeural"));
  deepEqual(lines.map(({ level }) => level), Array(3).fill("debug"));
});

Deno.test("edge speaks sentence after sentence over one connection", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);

  for (const text of ["One.", "Two.", "Three."]) await collect(edge, text);

  deepEqual(server.asked.map(({ connection }) => connection), [0, 0, 0]);
});

Deno.test("edge connects anew once its connection was closed", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);
  await collect(edge, "One.");

  server.hangUp();
  while (server.connections() > 0) await turns(1);
  await collect(edge, "Two.");

  deepEqual(server.asked.map(({ connection }) => connection), [0, 1]);
});

Deno.test("edge says that it was refused a voice that does not exist", async () => {
  const voice = "en-US-NobodyNeural";
  await using server = await startEdgeServer({ unknown: [voice] });
  await using edge = await create(server.url);

  await rejects(
    collect(edge, "Hello.", { voice }),
    { name: "EngineError", failure: "rejected" },
  );
});

Deno.test("edge takes speech without audio for a failure", async () => {
  await using server = await startEdgeServer({ dumb: ["en-US-AriaNeural"] });
  await using edge = await create(server.url);

  await rejects(
    collect(edge, "你好"),
    { name: "EngineError", failure: "malformed", message: /said nothing/ },
  );
});

Deno.test("edge gives up a server that does not even shake hands", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  await using edge = await create(`ws://127.0.0.1:${listener.addr.port}`, { patienceMs: 100 });

  await rejects(collect(edge, "Hello."), { name: "EngineError", failure: "timeout" });

  await untilClosed(await accepted);
});

Deno.test("edge leaves nothing behind of a connection that is aborted before there is a socket", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const closed: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) closed.push(untilClosed(connection));
  })();
  await using edge = await create(`ws://127.0.0.1:${listener.addr.port}`);

  for (let moment = 0; moment < 10; moment++) {
    const controller = new AbortController();
    const speech = collect(edge, "Hello.", { signal: controller.signal });
    for (let i = 0; i < moment; i++) await Promise.resolve();
    controller.abort();

    await rejects(speech, (error) => error === controller.signal.reason);
    await turns(20);
  }
  listener.close();
  await accepting;

  await deadline(Promise.all(closed), 2000);
});

const HEAD = "X-RequestId:ID\r\nPath:";
const MESSAGES: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  "without an id": ["Path:turn.start\r\n\r\n{}"],
  "of a request that nobody made": ["X-RequestId:none\r\nPath:turn.end\r\n\r\n{}"],
  "of audio for nobody": [frame("none", [1, 2, 3])],
  "of metadata that are none": [`${HEAD}audio.metadata\r\n\r\n<html>`],
  "of metadata of another shape": [`${HEAD}audio.metadata\r\n\r\n{"Metadata":[{"Type":1}]}`],
  "of nothing": [""],
};
for (const [what, messages] of Object.entries(MESSAGES)) {
  Deno.test(`a message ${what} fails the sentence and nothing else`, async () => {
    await using server = await startEdgeServer({ script: messages });
    await using edge = await create(server.url);

    await rejects(collect(edge, "Hello."), { name: "EngineError", failure: "malformed" });
  });
}

Deno.test("a message that comes after the end of a turn harms nobody", async () => {
  const end = `${HEAD}turn.end\r\n\r\n{}`;
  await using server = await startEdgeServer({ script: [end, end, end] });
  await using edge = await create(server.url);

  for (let i = 0; i < 3; i++) {
    await rejects(collect(edge, "Hello."), { name: "EngineError", message: /said nothing/ });
  }
});

Deno.test("edge survives readers who stop at any moment", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);
  const text = "A sentence of which less and less is heard, until it is whole. ".repeat(3);
  const whole = await collect(edge, text);

  for (let pieces = 0; pieces < 12; pieces++) {
    const reader = edge.synthesize(text, { signal: never })[Symbol.asyncIterator]();
    for (let i = 0; i < pieces; i++) await reader.next();
    await reader.return?.();
  }

  const again = await collect(edge, text);
  equal(
    again.reduce((n, { samples }) => n + samples.length, 0),
    whole.reduce((n, { samples }) => n + samples.length, 0),
  );
});

Deno.test("edge survives aborts at any moment", async () => {
  await using server = await startEdgeServer();
  await using edge = await create(server.url);

  for (let moment = 0; moment < 40; moment++) {
    const controller = new AbortController();
    const speech = collect(edge, "Nobody wants this.", { signal: controller.signal });
    speech.catch(() => {});
    await turns(moment);
    controller.abort();
    await speech.catch((error) => equal(error, controller.signal.reason));
  }

  ok((await collect(edge, "But this.")).length > 0);
});

Deno.test("edge says why it may have been refused at the door", async () => {
  await using server = await startEdgeServer({ refusesWith: 403 });
  await using edge = await create(server.url);

  const error = await collect(edge, "Hello.").catch((error) => error);

  equal(error.failure, "denied");
  match(error.message, /clock/);
});

/** So many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
}

/** Reads a connection until its other end closes it. */
async function untilClosed(connection: Deno.TcpConn): Promise<void> {
  using reading = connection;
  const bytes = new Uint8Array(4096);
  try {
    while (await reading.read(bytes) !== null);
  } catch (error) {
    ok(error instanceof Deno.errors.ConnectionReset);
  }
}

function frame(id: string, mp3: readonly number[]): Uint8Array {
  const head = new TextEncoder().encode(`X-RequestId:${id}\r\nPath:audio\r\n`);
  return Uint8Array.of(0, head.length, ...head, ...mp3);
}
