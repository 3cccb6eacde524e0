import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { encodeSamples } from "@/audio/codec.ts";
import { failOverSynthesisers } from "@/engines/failover/tts.ts";
import { createCoqui } from "@/engines/tts/coqui.ts";
import { createEdge } from "@/engines/tts/edge.ts";
import { openAiAt } from "../engines/openai/endpoint.ts";
import { startCoquiServer } from "../fakes/coqui_server.ts";
import { edgePitch, startEdgeServer } from "../fakes/edge_server.ts";
import type { Fault } from "../fakes/faulty_server.ts";
import { createFastEngines } from "../fakes/fast_engines.ts";
import { heardVoices } from "../fakes/heard_voices.ts";
import type { FakeOpenAi } from "../fakes/openai_server.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { startFastServer } from "../realtime/fast_server.ts";
import { decodeAll } from "./pcm.ts";
import { type EngineServers, startEngineServers, startRemotely } from "./remote_engines.ts";
import { answer, ask, eventsOf } from "./turns.ts";
import { audioOf, connect, type VoiceClient, WIRE_RATE } from "./voice_client.ts";

const TRANSCRIPTION = "conversation.item.input_audio_transcription";

const DOWN: Fault = { kind: "refusal", status: 500 };

/** The answers need not be heard. */
const WRITING = { output_modalities: ["text"] };

/** Each kind, its servers, and what the user is told when both are down. */
const KINDS: readonly [string, readonly (keyof EngineServers)[], string][] = [
  ["recogniser", ["whisper", "funasr"], 'The engine "openai,funasr" cannot be reached'],
  ["model", ["model", "otherModel"], 'The engine "openai,openai" cannot be reached'],
  ["synthesiser", ["edge", "coqui"], 'The engine "edge,coqui" cannot be reached'],
];

/** The user says something and is silent for a second. */
function speak(client: VoiceClient, text: string): void {
  client.pour(encodeSamples(tones(text, { sampleRate: WIRE_RATE, letterMs: 40 }), "pcm16"));
  client.pour(new Uint8Array(WIRE_RATE * 2));
}

for (const [kind, names, cause] of KINDS) {
  Deno.test(`with every ${kind} down a spoken turn fails with a cause that a user can read, and the next one is answered`, async () => {
    await using servers = await startEngineServers();
    await using server = await startRemotely(servers);
    await using client = await connect({
      url: server.url,
      session: { audio: { input: { transcription: { model: "any" } } } },
    });
    const befall = (fault: Fault | undefined) => {
      for (const name of names) Object.assign(servers[name], { fault });
    };

    befall(DOWN);
    speak(client, "say banana");
    const failed = await answer(client);
    const from = client.received.length;
    befall(undefined);
    speak(client, "say cherry");
    const answered = await answer(client, from);

    const { status, status_details: details } = failed.done.response;
    deepEqual([status, details.error.message], ["failed", cause]);
    deepEqual(
      eventsOf(client, `${TRANSCRIPTION}.failed`).map(({ error }) => error.message),
      kind === "recogniser" ? [cause] : [],
    );
    deepEqual([answered.done.response.status, answered.reply], ["completed", "Cherry."]);
  });
}

/** The words that a model was asked to reply to, so far. */
function asked({ requests }: FakeOpenAi): string[] {
  return requests
    .filter(({ path }) => path === "/v1/chat/completions")
    .map(({ body }) => JSON.parse(new TextDecoder().decode(body)).messages.at(-1).content);
}

/** Has one written turn for each text. */
async function askAll(client: VoiceClient, texts: readonly string[]): Promise<string[]> {
  const replies: string[] = [];
  for (const text of texts) replies.push((await ask(client, text)).reply);
  return replies;
}

Deno.test("a model that failed in three turns is not asked in the next, until it answers a probe", async () => {
  await using servers = await startEngineServers();
  await using server = await startRemotely(servers, { failover: { firstProbeMs: 500 } });
  await using client = await connect({ url: server.url, session: WRITING });

  servers.model.fault = DOWN;
  const down = await askAll(client, ["Say one.", "Say two.", "Say three.", "Say four."]);
  const inVain = asked(servers.model).slice(0, 4);
  servers.model.fault = undefined;
  while ((await servers.model.nextArrival(), asked(servers.model).at(-1) !== "Hello"));
  await servers.model.idle();
  const up = await askAll(client, ["Say five."]);

  deepEqual([down, up], [["One.", "Two.", "Three.", "Four."], ["Five."]]);
  deepEqual(inVain, ["Say one.", "Say two.", "Say three."]);
  deepEqual(asked(servers.model).filter((text) => text !== "Hello").at(-1), "Say five.");
  deepEqual(asked(servers.otherModel), ["Say one.", "Say two.", "Say three.", "Say four."]);
});

Deno.test("a model that says when to come again is not asked in the very next turn", async () => {
  await using servers = await startEngineServers();
  await using server = await startRemotely(servers);
  await using client = await connect({ url: server.url, session: WRITING });

  servers.model.fault = { kind: "refusal", status: 429, retryAfterSeconds: 30 };
  const replies = await askAll(client, ["Say one.", "Say two.", "Say three."]);

  deepEqual(replies, ["One.", "Two.", "Three."]);
  deepEqual(asked(servers.model), ["Say one."]);
});

Deno.test("sentences of one answer keep their pitch when engines of 16, 22.05 and 24 kHz follow each other, each in a voice that it has", async () => {
  await using slow = await startCoquiServer({ sampleRate: 16_000 });
  await using common = await startCoquiServer({ sampleRate: 22_050, speakers: ["Ada", "Ben"] });
  await using edge = await startEdgeServer();
  const { remote } = openAiAt(undefined);
  const coquis = await Promise.all(
    [slow, common].map(({ url }) =>
      createCoqui({ remote: { ...remote, coquiUrl: url }, language: "en" })
    ),
  );
  const config = { remote: { ...remote, edgeTtsUrl: edge.url }, language: "en" };
  const engines = [...coquis, await createEdge(config)];
  await using stack = new AsyncDisposableStack();
  engines.forEach((engine) => stack.use(engine));
  const tts = stack.use(failOverSynthesisers(engines));
  await using server = await startFastServer({
    engines: { ...createFastEngines().engines, tts },
    voice: "Ben",
  });
  await using client = await connect({ url: server.url });

  slow.fault = common.fault = { kind: "drop" };
  const { responseId, done } = await ask(client, "llllllllll! pppppppppp! uuuuuuuuuu");
  const heard = heardVoices(decodeAll(audioOf(client, responseId)), {
    sampleRate: WIRE_RATE,
    letters: "lpu",
    voices: { "16 kHz": 1, "22.05 kHz": 1 / 1.1, "24 kHz": edgePitch("en-US-AriaNeural") },
  });

  equal(done.response.status, "completed");
  deepEqual(heard, [
    { letter: "l", voice: "16 kHz" },
    { letter: "p", voice: "22.05 kHz" },
    { letter: "u", voice: "24 kHz" },
  ]);
  deepEqual(tts.voices.slice(0, 4), ["default", "Ada", "Ben", "en-US-AriaNeural"]);
  deepEqual([slow, common, edge].map((each) => each.arrivals()), [1, 1, 1]);
});
