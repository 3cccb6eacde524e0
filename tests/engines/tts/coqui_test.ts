import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { type Config, configure, reset } from "@logtape/logtape";
import { loadConfig } from "@/config.ts";
import { createCoqui } from "@/engines/tts/coqui.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { KNOWN_ENGINES } from "@/server/engines.ts";
import { testRemoteEngine } from "../../contracts/remote_contract.ts";
import { testSpeechSynthesiser } from "../../contracts/tts_contract.ts";
import { startCoquiServer } from "../../fakes/coqui_server.ts";

const SPEAKERS = ["Claribel Dervla", "Ana O'Connor"];
const never = new AbortController().signal;

function create(
  url: string,
  { patienceMs, language = "en" }: { readonly patienceMs?: number; readonly language?: string } =
    {},
): Promise<SpeechSynthesiser> {
  const config = loadConfig({ COQUI_URL: url, LANGUAGE: language }, KNOWN_ENGINES);
  return createCoqui(config, {
    ...(patienceMs && { patience: { connectMs: patienceMs, partMs: patienceMs } }),
  });
}

testSpeechSynthesiser("coqui", async () => {
  const server = await startCoquiServer({ speakers: SPEAKERS });
  const coqui = await create(server.url);
  return {
    name: coqui.name,
    voices: coqui.voices,
    synthesize: coqui.synthesize,
    async [Symbol.asyncDispose]() {
      await coqui[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}, {
  skip: [{ test: "speaks faster when told", reason: "the server's API has no speed" }],
});

testRemoteEngine("coqui", {
  start: () => startCoquiServer(),
  create: ({ url }, { patienceMs }) => create(url, { patienceMs }),
  ask: (coqui, which, signal) =>
    coqui.synthesize(["What a secret sentence this is.", "Another."][which]!, { signal }),
  whole: (pieces) => pieces.flatMap(({ samples }) => [...samples]),
  secrets: ["secret sentence"],
});

Deno.test("coqui's voices are the speakers that the server lists", async () => {
  await using server = await startCoquiServer({ speakers: SPEAKERS });
  await using coqui = await create(server.url);

  await Array.fromAsync(coqui.synthesize("Hello", { signal: never }));
  await Array.fromAsync(coqui.synthesize("Hello", { signal: never, voice: "Ana O'Connor" }));

  deepEqual(coqui.voices, SPEAKERS);
  deepEqual(server.asked.map(({ speaker_id }) => speaker_id), SPEAKERS);
});

Deno.test("coqui names no speaker to a server that has one voice, or is too old to list them", async () => {
  for (const listless of [false, true]) {
    await using server = await startCoquiServer({ listless });
    await using coqui = await create(server.url);

    await Array.fromAsync(coqui.synthesize("Hello", { signal: never, voice: "Ana" }));

    deepEqual(coqui.voices, ["default"]);
    deepEqual(server.asked, [{ text: "Hello", language_id: "en" }]);
  }
});

Deno.test("coqui says which language, and sends what its address asks for", async () => {
  await using server = await startCoquiServer();
  await using coqui = await create(`${server.url}/?style_wav=/srv/calm.wav`);

  await Array.fromAsync(coqui.synthesize("Grüezi", { signal: never, language: "de-CH" }));
  await Array.fromAsync(coqui.synthesize("ni hao", { signal: never, language: "zh-Hans-CN" }));

  deepEqual(server.asked, [
    { text: "Grüezi", language_id: "de", style_wav: "/srv/calm.wav" },
    { text: "ni hao", language_id: "zh-cn", style_wav: "/srv/calm.wav" },
  ]);
});

Deno.test("coqui speaks the configured language where a text names none, as a probe's does", async () => {
  await using server = await startCoquiServer({ languages: ["en", "zh-cn"] });
  await using coqui = await create(server.url, { language: "zh" });

  const speech = await Array.fromAsync(coqui.synthesize("Hello.", { signal: never, anew: true }));

  ok(speech.length > 0);
  deepEqual(server.asked, [{ text: "Hello.", language_id: "zh-cn" }]);
});

Deno.test("coqui asks for no more text at a time than XTTS speaks to its end", async () => {
  await using server = await startCoquiServer();
  await using coqui = await create(server.url);

  await Array.fromAsync(coqui.synthesize("a我们先去北京看长城，".repeat(20), { signal: never }));

  ok(server.asked.length > 1);
  ok(server.asked.every(({ text }) => text!.length <= 82));
});

Deno.test("coqui speaks at the rate of its model, as the file comes", async () => {
  await using server = await startCoquiServer({ sampleRate: 44_100 });
  await using coqui = await create(server.url);

  const speech = await Array.fromAsync(coqui.synthesize("A longer sentence.", { signal: never }));

  ok(speech.length > 3);
  ok(speech.every(({ sampleRate }) => sampleRate === 44_100));
});

Deno.test("coqui learns the voices of a server that comes up later", async () => {
  const gone = await startCoquiServer();
  await gone[Symbol.asyncDispose]();
  await using coqui = await create(gone.url);
  deepEqual(coqui.voices, ["default"]);
  await rejects(
    Array.fromAsync(coqui.synthesize("Hello", { signal: never })),
    { name: "EngineError", failure: "unavailable" },
  );

  const { port } = new URL(gone.url);
  await using server = await startCoquiServer({ speakers: SPEAKERS, port: Number(port) });
  await Array.fromAsync(coqui.synthesize("Hello", { signal: never }));

  deepEqual(coqui.voices, SPEAKERS);
  equal(server.asked[0]?.speaker_id, SPEAKERS[0]);
});

Deno.test("coqui takes a file without samples for a failure", async () => {
  await using server = await startCoquiServer();
  await using coqui = await create(server.url);

  await rejects(
    Array.fromAsync(coqui.synthesize("你", { signal: never })),
    { name: "EngineError", failure: "malformed", message: /said nothing/ },
  );
});

Deno.test("coqui's language is the address's, for models that name it in a way of their own", async () => {
  const languages = ["en", "fr-fr", "pt-br"];
  await using server = await startCoquiServer({ languages });
  await using coqui = await create(`${server.url}/?language_id=fr-fr`);

  const speech = await Array.fromAsync(
    coqui.synthesize("Bonjour", { signal: never, language: "fr" }),
  );

  ok(speech.length > 0);
  deepEqual(server.asked, [{ text: "Bonjour", language_id: "fr-fr" }]);
});

Deno.test("coqui says that a model failed which does not know the language by the name it was given", async () => {
  await using server = await startCoquiServer({ languages: ["en", "fr-fr"] });
  await using coqui = await create(server.url);

  const speech = Array.fromAsync(coqui.synthesize("Bonjour", { signal: never, language: "fr" }));

  await rejects(speech, { name: "EngineError", failure: "unavailable" });
});

Deno.test("coqui's speaker is the address's, or nobody where a voice is cloned", async () => {
  await using server = await startCoquiServer();
  await using one = await create(`${server.url}/?speaker_id=p225`);
  await using cloned = await create(`${server.url}/?speaker_wav=/srv/me.wav&speaker_id=`);

  await Array.fromAsync(one.synthesize("Hello", { signal: never, voice: "p226" }));
  await Array.fromAsync(cloned.synthesize("Hello", { signal: never, voice: "p226" }));

  deepEqual([one.voices, cloned.voices], [["p225"], ["default"]]);
  deepEqual(server.asked, [
    { text: "Hello", speaker_id: "p225", language_id: "en" },
    { text: "Hello", speaker_wav: "/srv/me.wav", speaker_id: "", language_id: "en" },
  ]);
});

Deno.test("coqui shows user and password of its address to the server, and to nobody else", async () => {
  await using server = await startCoquiServer({ speakers: SPEAKERS, login: "ann:p@ss%" });
  const address = new URL(server.url);
  address.username = "ann";
  address.password = "p@ss%25";
  await using coqui = await create(address.href);
  address.password = "wrong-secret";
  await using stranger = await create(address.href);

  const speech = await Array.fromAsync(coqui.synthesize("Hello", { signal: never }));
  const error = await Array.fromAsync(stranger.synthesize("Hello", { signal: never }))
    .catch((error) => error);

  ok(speech.length > 0);
  deepEqual(coqui.voices, SPEAKERS);
  equal(error.failure, "denied");
  ok(!/wrong-secret|Basic/.test(Deno.inspect(error, { depth: 9 })));
});

Deno.test("coqui tells no password of an address where nobody answers", async () => {
  const gone = await startCoquiServer();
  await gone[Symbol.asyncDispose]();
  const { lines, log } = keepLog();
  await configure(log);
  await using coqui = await create(gone.url.replace("//", "//ann:secret@"));

  const error = await Array.fromAsync(coqui.synthesize("Hello", { signal: never }))
    .catch((error) => error);
  await reset();

  equal(error.failure, "unavailable");
  ok(lines.length > 0);
  ok(![...lines, Deno.inspect(error, { depth: 9 })].some((line) => /ann|secret/.test(line)));
});

/** Keeps all that is logged. */
function keepLog(): { lines: readonly string[]; log: Config<"memory", never> } {
  const lines: string[] = [];
  return {
    lines,
    log: {
      sinks: { memory: (record) => void lines.push(Deno.inspect(record, { depth: 9 })) },
      loggers: [
        { category: "chatai", sinks: ["memory"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [] },
      ],
    },
  };
}
