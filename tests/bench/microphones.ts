import { delay } from "@std/async";
import { call, type Caller, CHUNK_MS, inParallel, noise } from "./load.ts";
import { processStats } from "./process_stats.ts";
import type { Measurement } from "./report.ts";
import { ramp } from "./ramp.ts";
import { realServer } from "./servers.ts";

/**
 * How far the VAD is behind, in ms: a clear takes its turn behind all audio before it, and is answered when the VAD
 * has heard that.
 */
async function lag(caller: Caller): Promise<number> {
  caller.forget();
  const sent = await caller.sent(caller.queued);
  caller.send({ type: "input_audio_buffer.clear" });
  return (await caller.next("input_audio_buffer.cleared")).at - sent;
}

/** How many open microphones one server can listen to. */
export const microphones: Measurement = {
  method:
    `Callers with open microphones in a quiet room, ${CHUNK_MS} ms of 24 kHz PCM in base64 a message in ` +
    "real time, at a server with the real VAD. Once a second each asks for input_audio_buffer.clear, which is " +
    "answered when all audio before it has been through the VAD: the lag is the time from the message before " +
    "it to the answer. The callers share the machine with the server. A load that fails is tried once more, and the second try counts.",
  async run({ quick, log }) {
    const seconds = quick ? 3 : 10;
    await using server = await realServer();
    const room = noise(2000);

    async function measure(count: number): Promise<number[]> {
      const callers = await inParallel(
        count,
        8,
        () =>
          call({
            url: server.realtime(),
            room,
            session: {
              audio: { input: { turn_detection: { type: "server_vad", create_response: false } } },
            },
          }),
      );
      for (const caller of callers) {
        caller.openMicrophone();
        await delay(1000 / count); // everybody at a moment of their own
      }
      await delay(1000);
      const before = await processStats(server.pid);
      const start = performance.now();
      const each = await Promise.all(callers.map(async (caller) => {
        const own: number[] = [];
        await delay(1000 * Math.random());
        while (performance.now() - start < seconds * 1000) {
          own.push(await lag(caller));
          await delay(1000);
        }
        return own;
      }));
      const cores = ((await processStats(server.pid)).cpuMs - before.cpuMs) /
        (performance.now() - start);
      log(`${count} microphones keep ${cores.toFixed(2)} cores of the server busy`);
      await inParallel(count, 8, (i) => callers[i]![Symbol.asyncDispose]());
      return each.flat();
    }

    await measure(8); // warms everything up
    return await ramp({
      what: "live microphones with the real VAD",
      figure: "lag",
      steps: quick ? [10, 20] : [50, 75, 100, 125, 150, 175, 200],
      bar: 100,
      measure,
      log,
    });
  },
};
