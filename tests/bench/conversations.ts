import { delay } from "@std/async";
import { call, inParallel } from "./load.ts";
import { processStats } from "./process_stats.ts";
import { ramp } from "./ramp.ts";
import type { Measurement } from "./report.ts";
import { zeroServer } from "./servers.ts";
import { EXACT_SESSION, talkOnce } from "./talk.ts";
import { REPLY_SECONDS } from "./zero_engines.ts";

/** How many people one server can talk with. */
export const conversations: Measurement = {
  method:
    "Callers hold whole conversations in real time with a server whose engines take no time: an open " +
    `microphone throughout, 0.6 s of speech, silence, an answer of ${REPLY_SECONDS} s of which they hear most, ` +
    "and again; the next speech interrupts what is still playing. The overhead of a turn is that of the row on " +
    "own overhead. The callers share the machine with the server. A load that fails is tried once more, and the second try counts.",
  async run({ quick, log }) {
    const turns = quick ? 2 : 5;
    await using server = await zeroServer();

    async function measure(count: number): Promise<number[]> {
      const callers = await inParallel(
        count,
        8,
        () => call({ url: server.realtime(), session: EXACT_SESSION, rate: 16_000 }),
      );
      const before = await processStats(server.pid);
      const start = performance.now();
      const costs = await inParallel(count, count, async (i) => {
        const caller = callers[i]!;
        await delay(5000 * i / count);
        caller.openMicrophone();
        const own = [];
        for (let n = 0; n < turns; n++) {
          own.push((await talkOnce(caller, 3000 + 1000 * Math.random())).overhead);
        }
        return own.slice(1);
      });
      const cores = ((await processStats(server.pid)).cpuMs - before.cpuMs) /
        (performance.now() - start);
      log(`${count} conversations keep ${cores.toFixed(2)} cores of the server busy`);
      await inParallel(count, 8, (i) => callers[i]![Symbol.asyncDispose]());
      return costs.flat();
    }

    await measure(8); // warms everything up
    return await ramp({
      what: "whole conversations",
      figure: "overhead",
      steps: quick ? [10, 20] : [30, 60, 80, 100, 125, 150, 200],
      bar: 60,
      measure,
      log,
    });
  },
};
