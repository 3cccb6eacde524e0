import { delay } from "@std/async";
import { createPerson } from "../e2e/user_speech.ts";
import { call, type Caller, CHUNK_MS, soundIn, toChunks } from "./load.ts";
import { distribution, type Measurement, type Row } from "./report.ts";
import { realServer } from "./servers.ts";

/** Questions that take about 2 s to ask. */
const SHORT = [
  "What time is it right now in Paris?",
  "Can you tell me the time in London?",
  "How much is fifteen plus twenty seven?",
  "Could you tell me a short story?",
];

/** Questions that take about 4 s to ask. */
const LONG = [
  "I would like to know what time it is now in the city of Tokyo.",
  "My sister lives in Chicago. Please tell me what time it is there.",
  "I am doing my homework. How much is twenty five plus thirty seven?",
  "It has been a long day today. Could you please tell me a short story?",
];

const STAGES = ["endpoint", "transcript", "first_token", "first_audio", "voice_to_voice"] as const;

interface Turn {
  /** Last sample sent to first audio received, in ms. */
  readonly total: number;
  /** As the server saw it. */
  readonly stages: Readonly<Partial<Record<typeof STAGES[number], number>>>;
}

interface Spoken {
  readonly chunks: readonly string[];
  /** Of the chunk that holds the last sound. */
  readonly lastChunk: number;
  readonly seconds: number;
}

/** Speaks, waits for the first audio, and has the answer cancelled. */
async function turn(caller: Caller, { chunks, lastChunk }: Spoken): Promise<Turn> {
  await delay(400 + 400 * Math.random()); // also moves the speech against the server's frames
  const from = caller.arrivals.length;
  const first = caller.speak(chunks);
  const sent = await caller.sent(first + lastChunk);
  const audio = await caller.next("response.output_audio.delta", from);
  caller.send({ type: "response.cancel" });
  const metrics = await caller.next(
    ({ type, responseId }) => type === "chatai.turn.metrics" && responseId === audio.responseId,
    from,
  );
  return { total: audio.at - sent, stages: metrics.read() };
}

function measure(
  detections: readonly [name: string, detection: object, questions: readonly string[]][],
) {
  return async (
    { quick, log }: Parameters<Measurement["run"]>[0],
    bar: Parameters<typeof distribution>[2],
  ): Promise<Row[]> => {
    const runs = quick ? 4 : 24;
    await using person = await createPerson();
    await using server = await realServer();
    const rows: Row[] = [];
    for (const [name, turn_detection, questions] of detections) {
      const spoken = await Promise.all(questions.map(async (text): Promise<Spoken> => {
        const pcm = await person.speech(text);
        const { start, end } = soundIn(pcm);
        const chunks = toChunks(pcm.subarray(0, 2 * end));
        return { chunks, lastChunk: chunks.length - 1, seconds: (end - start) / 24_000 };
      }));
      const seconds = spoken.map((each) => each.seconds.toFixed(1)).join(", ");
      log(`${name}: utterances of ${seconds} s`);
      await using caller = await call({
        url: server.realtime({ metrics: "1" }),
        session: { audio: { input: { turn_detection } } },
      });
      caller.openMicrophone();
      for (const each of spoken.slice(0, 2)) await turn(caller, each); // warms everything up
      const turns: Turn[] = [];
      for (let i = 0; i < runs; i++) turns.push(await turn(caller, spoken[i % spoken.length]!));
      rows.push(
        distribution(name, turns.map(({ total }) => total), bar),
        ...STAGES.map((stage) =>
          distribution(
            `  ${stage}, by the server's clock`,
            turns.flatMap(({ stages }) => stages[stage] ?? []),
          )
        ),
      );
    }
    return rows;
  };
}

const METHOD =
  `One caller at a microphone in real time (${CHUNK_MS} ms of 24 kHz PCM a message) asks a ` +
  "warm server with the embedded engines questions in a Flite voice that is not the server's. Timed from " +
  "the send of the message that holds the last sound to the arrival of the first response.output_audio.delta.";

/** Last word to first answer, by silence alone. */
export const voiceToVoice: Measurement = {
  method: METHOD,
  run: (options) =>
    measure([
      [
        "last speech sample → first reply audio, server_vad 500 ms, 2 s",
        { type: "server_vad" },
        SHORT,
      ],
      [
        "last speech sample → first reply audio, server_vad 500 ms, 4 s",
        { type: "server_vad" },
        LONG,
      ],
    ])(options, { bar: { kind: "atMost", p50: 650, p95: 900 } }),
};

/** Last word to first answer, by what was said. */
export const semantic: Measurement = {
  method: METHOD,
  run: (options) =>
    measure([
      [
        "last speech sample → first reply audio, semantic_vad, 2 s",
        { type: "semantic_vad" },
        SHORT,
      ],
    ])(options, { bar: { kind: "atMost", p50: 450 } }),
};
