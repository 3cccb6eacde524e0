import { delay } from "@std/async";
import { createPerson } from "../e2e/user_speech.ts";
import { call, type Caller, CHUNK_MS, soundIn, toChunks, written } from "./load.ts";
import { distribution, type Measurement, percentile } from "./report.ts";
import { realServer } from "./servers.ts";

/** What the user says over the answer. */
const INTERRUPTIONS = [
  "Stop, please.",
  "Okay, thank you, that is enough.",
  "No, wait a moment.",
  "Be quiet now.",
];

interface Interruption {
  readonly chunks: readonly string[];
  /** Of the chunk that holds the first sound. */
  readonly onsetChunk: number;
}

/** How long an interruption took, in ms. */
interface Silenced {
  /** Onset of speech sent to `speech_started`, which tells the client to be silent. */
  readonly told: number;
  /** Onset of speech sent to the last audio of the old answer; 0 if none came any more. */
  readonly audio: number;
  /** `speech_started` to the last audio of the old answer; 0 if none came any more. */
  readonly decision: number;
  /** `speech_started` to `response.done`. */
  readonly done: number;
}

async function interrupt(
  caller: Caller,
  { chunks, onsetChunk }: Interruption,
): Promise<Silenced> {
  const from = caller.arrivals.length;
  caller.send(written("Count out loud to fifty."));
  caller.send({ type: "response.create" });
  const { responseId } = await caller.next("response.output_audio.delta", from);
  await delay(800 + 400 * Math.random()); // the lead is full: audio now comes in real time

  const first = caller.speak(chunks);
  const onset = await caller.sent(first + onsetChunk);
  const started = await caller.next("input_audio_buffer.speech_started", from);
  const done = await caller.next("response.done", from);
  await caller.sent(first + chunks.length - 1);
  await delay(1000); // the user's turn ends, and its audio would have come by now
  const last = caller.arrivals.findLast(({ type, responseId: id }) =>
    type === "response.output_audio.delta" && id === responseId
  )!;
  return {
    told: started.at - onset,
    audio: Math.max(0, last.at - onset),
    decision: Math.max(0, last.at - started.at),
    done: done.at - started.at,
  };
}

/** How soon an answer falls silent when somebody speaks over it. */
export const bargeIn: Measurement = {
  method:
    "A caller at an open microphone has a warm server with the embedded engines count to fifty, and " +
    "speaks in a Flite voice when the answer has run for a second. The onset is the send of the " +
    `${CHUNK_MS} ms message that holds the first sound. Audio leaves in pieces of 200 ms, so that the last ` +
    "old one may be older than the decision (then it counts as 0 ms); speech_started is what tells the client " +
    "to drop what it has.",
  async run({ quick, log }) {
    const runs = quick ? 4 : 32;
    await using person = await createPerson();
    await using server = await realServer();
    const interruptions = await Promise.all(INTERRUPTIONS.map(async (text) => {
      const pcm = await person.speech(text);
      const { start, end } = soundIn(pcm);
      const chunks = toChunks(pcm.subarray(0, 2 * end));
      return { chunks, onsetChunk: Math.floor(start / 24_000 * 1000 / CHUNK_MS) };
    }));
    const rows = [];
    for (const [minimum, onsetBar] of [[100, 180], [50, 100]] as const) {
      log(`minimum speech ${minimum} ms`);
      await using caller = await call({
        url: server.realtime(),
        session: {
          audio: {
            input: {
              turn_detection: {
                type: "server_vad",
                min_speech_ms: minimum,
                create_response: false,
              },
            },
          },
        },
      });
      caller.openMicrophone();
      await interrupt(caller, interruptions[0]!); // warms everything up
      const silenced: Silenced[] = [];
      for (let i = 0; i < runs; i++) {
        silenced.push(await interrupt(caller, interruptions[i % interruptions.length]!));
      }
      for (const [i, text] of INTERRUPTIONS.entries()) {
        const own = silenced.filter((_, n) => n % INTERRUPTIONS.length === i);
        log(`"${text}": told after ${Math.round(percentile(own.map((s) => s.told), 50))} ms`);
      }
      const name = `barge-in, minimum speech ${minimum} ms`;
      const bar = { kind: "atMost", p95: onsetBar } as const;
      rows.push(
        distribution(`${name}: onset → last old byte`, silenced.map((s) => s.audio), { bar }),
        distribution("  onset → client told to be silent", silenced.map((s) => s.told)),
        distribution(`  decision → last old byte`, silenced.map((s) => s.decision), {
          bar: { kind: "atMost", p95: 10 },
        }),
        distribution("  decision → response.done", silenced.map((s) => s.done)),
      );
    }
    return rows;
  },
};
