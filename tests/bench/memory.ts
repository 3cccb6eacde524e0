import { delay } from "@std/async";
import { call, type Caller, inParallel } from "./load.ts";
import { processStats } from "./process_stats.ts";
import { figure, type Measurement, percentile } from "./report.ts";
import { zeroServer } from "./servers.ts";
import { EXACT_SESSION, talkOnce } from "./talk.ts";

const IDLE = 200;
const TALKING = 20;

/** What one more session takes. */
export const memory: Measurement = {
  method:
    "Resident memory of a server whose engines take no time (so that no model is in it), divided by the " +
    `sessions. Idle: ${IDLE} connected, after the same server has served one conversation; garbage ` +
    `collected before both looks. In conversation: the median of looks while ${TALKING} more talk in real ` +
    "time, with the garbage that is around then.",
  async run({ quick }) {
    const turns = quick ? 2 : 6;
    await using server = await zeroServer();

    async function rss(): Promise<number> {
      return (await processStats(server.pid)).rssKb;
    }

    async function settled(): Promise<{ rssKb: number; heapKb: number }> {
      await delay(1500);
      const heap = await server.heap();
      await delay(500);
      return { rssKb: await rss(), heapKb: (heap.heapUsed + heap.external) / 1024 };
    }

    async function talker(): Promise<Caller> {
      const caller = await call({ url: server.realtime(), session: EXACT_SESSION, rate: 16_000 });
      caller.openMicrophone();
      return caller;
    }

    {
      await using first = await talker();
      for (let n = 0; n < turns; n++) await talkOnce(first, 1000);
    }
    const empty = await settled();
    const idlers = await inParallel(IDLE, 8, () => call({ url: server.realtime() }));
    const idle = await settled();
    await inParallel(IDLE, 8, (i) => idlers[i]![Symbol.asyncDispose]());

    const quiet = await settled();
    const looks: number[] = [];
    const talkers = await inParallel(TALKING, 4, talker);
    const watching = setInterval(async () => looks.push(await rss()), 250);
    await inParallel(TALKING, TALKING, async (i) => {
      for (let n = 0; n < turns; n++) await talkOnce(talkers[i]!, 2000 + 1000 * Math.random());
    });
    clearInterval(watching);
    const talkingHeap = await server.heap();
    await inParallel(TALKING, 4, (i) => talkers[i]![Symbol.asyncDispose]());

    const perIdle = (key: "rssKb" | "heapKb") => (idle[key] - empty[key]) / IDLE;
    const inUse = (talkingHeap.heapUsed + talkingHeap.external) / 1024;
    return [
      figure("memory of an idle session", perIdle("rssKb"), {
        unit: "KB",
        runs: IDLE,
        bar: { kind: "max", value: 100 },
      }),
      figure("  of it in use by the heap", perIdle("heapKb"), { unit: "KB", runs: IDLE }),
      figure(
        "memory of a session in conversation",
        (percentile(looks, 50) - quiet.rssKb) / TALKING / 1024,
        { unit: "MB", runs: TALKING, bar: { kind: "max", value: 2 } },
      ),
      figure("  at most", (percentile(looks, 100) - quiet.rssKb) / TALKING / 1024, {
        unit: "MB",
        runs: TALKING,
      }),
      figure("  of it in use by the heap", (inUse - quiet.heapKb) / TALKING / 1024, {
        unit: "MB",
        runs: TALKING,
      }),
    ];
  },
};
