import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { deadline } from "@std/async/deadline";
import { encodeSamples } from "@/audio/codec.ts";
import { createDraw, type Draw } from "../fakes/draw.ts";
import { edgePitch } from "../fakes/edge_server.ts";
import type { Fault } from "../fakes/faulty_server.ts";
import { heardVoices } from "../fakes/heard_voices.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import type { WireEvent } from "./event_log.ts";
import { decodeAll } from "./pcm.ts";
import { startEngineServers, startRemotely } from "./remote_engines.ts";
import { answer, eventsOf, ofType, write } from "./turns.ts";
import { audioOf, connect, type VoiceClient, WIRE_RATE } from "./voice_client.ts";

const TURNS = 30;

/** How many requests in a hundred fail. */
const FAULTS_PERCENT = 40;

/** What may befall one; a fault that takes longer than {@linkcode PATIENCE_MS} looks like silence. What breaks a sentence is there twice. */
const FAULTS: readonly Fault[] = [
  { kind: "silence" },
  { kind: "late", ms: 50 },
  { kind: "late", ms: 250 },
  { kind: "stall" },
  { kind: "stall" },
  { kind: "drop" },
  { kind: "drop" },
  { kind: "nonsense" },
  { kind: "refusal", status: 401 },
  { kind: "refusal", status: 429 },
  { kind: "refusal", status: 429, retryAfterSeconds: 1 },
  { kind: "refusal", status: 500 },
];

/** Of the turns that nobody interrupts, so many in a hundred are answered well at least: about 60 are, with two engines of each kind. */
const ANSWERED_PERCENT = 25;

const PATIENCE_MS = 150;
const FAILOVER = { deadlineMs: 400, firstProbeMs: 100 };

/** So much faster than ours the server's clock goes: nobody waits until speech has been played. */
const HASTE = 20;

const VOICE = "th-TH-PremwadeeNeural";
const VOICES = { edge: edgePitch(VOICE), coqui: 1 };

/** Letters whose tones differ from each other in either voice. */
const LETTERS = "ejmuvz";

const TRANSCRIPTION = "conversation.item.input_audio_transcription";

/** What the user is told of an engine that failed, or of all. */
const CAUSE =
  /^The engine "[a-z,]+" (cannot be reached|does not let this server in|did not answer in time|has too much to do|refused the request|gave an answer that makes no sense|broke down)$/;

/** How a turn begins: behind the answer to the one before, before it is heard, or while it is. */
const KINDS = ["written", "spoken", "interrupting", "cutting in"] as const;

interface Turn {
  readonly kind: typeof KINDS[number];
  /** What the user asks to hear, each word a letter over and over. */
  readonly words: string;
}

/** Turns of which each has other words. */
function drawTurns(draw: Draw): Turn[] {
  const words = new Set<string>();
  while (words.size < TURNS) {
    const [a, b, c] = Array.from({ length: 3 }, () => draw.pick([...LETTERS]));
    if (a !== b && b !== c && a !== c) {
      words.add([a, b, c].map((each) => each!.repeat(8)).join(" "));
    }
  }
  return [...words].map((words) => ({
    words,
    kind: draw.pick(KINDS),
  }));
}

/** The user speaks, and is silent for long enough. */
function say(client: VoiceClient, { words }: Turn): void {
  const speech = tones(`say ${words}`, { sampleRate: WIRE_RATE, letterMs: 40 });
  client.pour(encodeSamples(speech, "pcm16"));
  client.pour(new Uint8Array(WIRE_RATE * 2));
}

/** The user writes, each word a sentence. */
function ask(client: VoiceClient, { words }: Turn): void {
  write(client, `Say ${words.replaceAll(" ", "! ")}!`);
  client.send({ type: "response.create" });
}

/** Has all turns. Returns their responses. */
async function talk(client: VoiceClient, turns: readonly Turn[]): Promise<WireEvent[]> {
  const responses: Promise<WireEvent>[] = [];
  for (const turn of turns) {
    const last = client.received.findLastIndex(({ event }) => event.type === "response.created");
    if (turn.kind === "written" || turn.kind === "spoken") await responses.at(-1);
    if (turn.kind === "cutting in" && responses.length > 0) {
      await client.next(({ type }) => /^response\.(output_audio\.delta|done)$/.test(type), last);
    }
    const from = client.received.length;
    if (turn.kind === "written") ask(client, turn);
    else say(client, turn);
    await client.next(ofType("response.created"), from);
    responses.push(answer(client, from).then(({ done }) => done.response));
  }
  return await Promise.all(responses);
}

const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z ]/g, "").trim();

function wordsOf(response: WireEvent): string {
  return plain(response.output.map(({ content }: WireEvent) => content[0].transcript).join(""));
}

/** Each sentence is said in one voice, and behind those before it; some may be missing, or end too soon. */
function checkVoices(client: VoiceClient, response: WireEvent, turn: Turn): void {
  const heard = heardVoices(decodeAll(audioOf(client, response.id)), {
    sampleRate: WIRE_RATE,
    letters: LETTERS,
    voices: VOICES,
  });
  const sentences = turn.kind === "written" ? turn.words.split(" ") : [turn.words];
  const voices = sentences.map((sentence) =>
    new Set(heard.filter(({ letter }) => sentence.includes(letter)).map(({ voice }) => voice))
  );
  const wanted = turn.words.split(" ").map((word) => `${word[0]}?`).join("");
  match(heard.map(({ letter }) => letter).join(""), new RegExp(`^${wanted}$`));
  ok(voices.every(({ size }) => size <= 1), Deno.inspect(heard));
}

/** A turn ended well, or with a clear cause; what there is of its answer is what was asked for. */
function checkResponse(client: VoiceClient, response: WireEvent, turn: Turn): void {
  const { status, status_details: details } = response;
  const said = wordsOf(response);
  if (status === "failed") match(details.error.message, CAUSE);
  else if (status === "completed") equal(said, turn.words);
  else equal(details.reason, "turn_detected");
  ok(turn.words.startsWith(said), said);
  checkVoices(client, response, turn);
}

/** What was understood is what was said, in that order. Returns how often nothing was. */
function checkTranscripts(client: VoiceClient, turns: readonly Turn[]): number {
  const understood = eventsOf(client, `${TRANSCRIPTION}.completed`).map((event) =>
    event.transcript.replace("say ", "")
  );
  const spoken = turns.filter(({ kind }) => kind !== "written").map(({ words }) => words);
  const missed = eventsOf(client, `${TRANSCRIPTION}.failed`);
  deepEqual(understood, spoken.filter((words) => understood.includes(words)));
  equal(understood.length + missed.length, spoken.length);
  for (const { error } of missed) match(error.message, CAUSE);
  return missed.length;
}

/** The turn that a response answers. A turn that nobody understood may have the one before answered that failed. */
function answeredBy(response: WireEvent, turns: readonly Turn[]): Turn {
  const said = wordsOf(response);
  const own = turns.at(-1)!;
  if (own.words.startsWith(said) || own.kind === "written") return own;
  return turns.findLast(({ words }) => words.startsWith(said)) ?? own;
}

Deno.test("a conversation of 30 turns in which engines fail at random goes on, in order and in one voice a sentence, and leaves nothing behind", async () => {
  const draw = createDraw();
  const turns = drawTurns(draw);
  await using servers = await startEngineServers();
  await using talking = await startRemotely(servers, {
    patienceMs: PATIENCE_MS,
    failover: FAILOVER,
    voice: VOICE,
    now: () => performance.now() * HASTE,
  });
  await using client = await connect({
    url: talking.url,
    session: { audio: { input: { transcription: { model: "any" } } } },
  });
  try {
    servers.befall(() => draw.int(1, 100) <= FAULTS_PERCENT ? draw.pick<Fault>(FAULTS) : undefined);
    const responses = await talk(client, turns);
    servers.befall(undefined);
    const last = { kind: "written", words: "eeeeeeee" } as const;
    const [answered] = await talk(client, [last]);

    equal(answered?.status, "completed");
    const missed = checkTranscripts(client, turns);
    const answers = responses.map((response, i) => answeredBy(response, turns.slice(0, i + 1)));
    ok(answers.filter((answer, i) => answer !== turns[i]).length <= missed);
    for (const [i, response] of responses.entries()) checkResponse(client, response, answers[i]!);
    const ended = responses.filter(({ status }) => status !== "cancelled");
    const well = ended.filter(({ status }) => status === "completed");
    ok(100 * well.length >= ANSWERED_PERCENT * ended.length, `${well.length} of ${ended.length}`);
    await client[Symbol.asyncDispose]();
    await talking[Symbol.asyncDispose]();
    await deadline(servers.idle(), 10_000);
  } catch (cause) {
    throw new Error(`with the seed ${draw.seed}`, { cause });
  }
});
