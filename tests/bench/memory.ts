import { delay } from "@std/async";
import { call, type Caller, inParallel } from "./load.ts";
import { processStats } from "./process_stats.ts";
import { figure, type Measurement, percentile } from "./report.ts";
import { zeroServer } from "./servers.ts";
import { EXACT_SESSION, talkOnce } from "./talk.ts";

const IDLE = 200;
const FEW_TALKING = 5;
const TALKING = 20;
const MORE_TALKING = 40;

/** What one more session takes. */
export const memory: Measurement = {
  method:
    "Resident memory of a server whose engines take no time (so that no model is in it), divided by the " +
    `sessions. Idle: ${IDLE} connected, after the same server has served one conversation; garbage ` +
    `collected before both looks. In conversation: what ${TALKING} more take when ${FEW_TALKING} talk already, ` +
    "by the medians of looks while they talk in real time, with the garbage that is around then.",
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

    /** The median of looks while so many talk, and what their heap holds. */
    async function whileTalking(count: number): Promise<{ rssKb: number; heapKb: number }> {
      const looks: number[] = [];
      const talkers = await inParallel(count, 4, talker);
      const watching = setInterval(async () => looks.push(await rss()), 250);
      await inParallel(count, count, async (i) => {
        await delay(2000 * i / count);
        for (let n = 0; n < turns; n++) await talkOnce(talkers[i]!, 2000 + 1000 * Math.random());
      });
      clearInterval(watching);
      const heap = await server.heap();
      await inParallel(count, 4, (i) => talkers[i]![Symbol.asyncDispose]());
      return {
        rssKb: percentile(looks, 50),
        heapKb: (heap.heapUsed + heap.external) / 1024,
      };
    }

    const few = await whileTalking(FEW_TALKING);
    const more = await whileTalking(FEW_TALKING + TALKING);
    const many = await whileTalking(FEW_TALKING + TALKING + MORE_TALKING);

    const perIdle = (key: "rssKb" | "heapKb") => (idle[key] - empty[key]) / IDLE;
    return [
      figure("memory of an idle session", perIdle("rssKb"), {
        unit: "KB",
        runs: IDLE,
        bar: { kind: "max", value: 100 },
      }),
      figure("  of it in use by the heap", perIdle("heapKb"), { unit: "KB", runs: IDLE }),
      figure(
        "memory of a session in conversation",
        (more.rssKb - few.rssKb) / TALKING / 1024,
        { unit: "MB", runs: TALKING, bar: { kind: "max", value: 2 } },
      ),
      figure("  of it in use by the heap", (more.heapKb - few.heapKb) / TALKING / 1024, {
        unit: "MB",
        runs: TALKING,
      }),
      figure(
        `  each of ${MORE_TALKING} beyond those`,
        (many.rssKb - more.rssKb) / MORE_TALKING / 1024,
        { unit: "MB", runs: MORE_TALKING },
      ),
    ];
  },
};
