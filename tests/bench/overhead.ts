import { delay } from "@std/async";
import { call, type Caller, CHUNK_MS, inParallel, written } from "./load.ts";
import { distribution, type Measurement } from "./report.ts";
import { zeroServer } from "./servers.ts";
import { EXACT_SESSION, talkOnce } from "./talk.ts";

const SESSIONS = 8;

/** `response.create` sent → first audio received, in ms. */
async function writeOnce(caller: Caller): Promise<number> {
  await delay(400 * Math.random());
  caller.forget();
  caller.send(written("Hello."));
  const start = performance.now();
  caller.send({ type: "response.create" });
  const audio = await caller.next("response.output_audio.delta");
  caller.send({ type: "response.cancel" });
  await caller.next("response.done");
  return audio.at - start;
}

/** What the server itself costs a turn. */
export const overhead: Measurement = {
  method:
    `${SESSIONS} callers talk in real time to a server whose engines take no time. A spoken turn is ` +
    "timed from the send of the 20 ms message that completes the silence window (the server's audio_end_ms " +
    "says which) to the arrival of the first audio: decoding, VAD frames, turn-taking, the store in its file, " +
    "prompt, sentences, resampling, encoding, and both ways over the loopback are all in it. A written turn " +
    "is timed from response.create.",
  async run({ quick }) {
    const turns = quick ? 3 : 25;
    await using server = await zeroServer();
    const callers = await inParallel(
      SESSIONS,
      SESSIONS,
      () => call({ url: server.realtime({ metrics: "1" }), session: EXACT_SESSION, rate: 16_000 }),
    );
    for (const [i, caller] of callers.entries()) {
      setTimeout(caller.openMicrophone, i * CHUNK_MS / SESSIONS); // nobody speaks in time with another
    }
    const spoken = await inParallel(SESSIONS, SESSIONS, async (i) => {
      await delay(i * 211);
      for (let n = 0; n < 2; n++) await talkOnce(callers[i]!, 500); // warms everything up
      const costs = [];
      for (let n = 0; n < turns; n++) {
        costs.push(await talkOnce(callers[i]!, 2200 + 300 * Math.random()));
      }
      return costs;
    });
    const writing = await inParallel(SESSIONS, SESSIONS, async (i) => {
      const times = [];
      for (let n = 0; n < turns; n++) times.push(await writeOnce(callers[i]!));
      return times;
    });
    for (const caller of callers) await caller[Symbol.asyncDispose]();
    const costs = spoken.flat();
    const bar = { kind: "atMost", p50: 5, p95: 10 } as const;
    return [
      distribution(
        `own overhead of a spoken turn, ${SESSIONS} sessions`,
        costs.map((each) => each.overhead),
        { bar },
      ),
      distribution(
        "  end of turn → first audio, by the server's clock",
        costs.flatMap((each) => each.inside ?? []),
      ),
      distribution("  response.create → first audio", writing.flat()),
    ];
  },
};
