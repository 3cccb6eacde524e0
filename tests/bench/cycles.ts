import { delay } from "@std/async";
import { call, hush, inParallel, tone } from "./load.ts";
import { processStats } from "./process_stats.ts";
import { figure, type Measurement } from "./report.ts";
import { zeroServer } from "./servers.ts";

const AT_ONCE = 4;
const TURN = [...tone(400), ...hush(700)];
const INTERRUPTION = tone(200);

/** Connects, speaks, is answered, interrupts, and hangs up. */
async function cycle(url: string): Promise<void> {
  await using caller = await call({ url });
  caller.burst(TURN);
  await caller.next("response.output_audio.delta");
  caller.burst(INTERRUPTION);
  const done = await caller.next("response.done");
  if (done.read().response.status !== "cancelled") {
    throw new Error("The answer was not interrupted");
  }
}

/** Whether anything is left of a conversation that is over. */
export const cycles: Measurement = {
  method:
    `Callers, ${AT_ONCE} at once, connect to a server whose engines take no time, speak (as fast as the ` +
    "wire takes it), are answered, speak over the answer until it is cancelled, and hang up. Memory is taken " +
    "after 200 cycles that warm the process up, and at the end; the heap after a garbage collection.",
  async run({ quick, log }) {
    const count = quick ? 100 : 1000;
    await using server = await zeroServer();
    const url = server.realtime();

    async function look() {
      await delay(1000);
      const heap = await server.heap();
      await delay(500); // fetch lets its connection go
      return { ...await processStats(server.pid), heapKb: heap.heapUsed / 1024 };
    }

    await inParallel(quick ? 20 : 200, AT_ONCE, () => cycle(url));
    const before = await look();
    for (let done = 0; done < count; done += count / 5) {
      await inParallel(count / 5, AT_ONCE, () => cycle(url));
      const { rssKb, heapKb, files, sockets, threads } = await look();
      log(
        `${done + count / 5} cycles: RSS ${(rssKb / 1024).toFixed(1)} MB, heap ${
          (heapKb / 1024).toFixed(2)
        } MB, ${files} files, ${sockets} sockets, ${threads} threads`,
      );
    }
    const after = await look();
    await delay(3000);
    const idle = await processStats(server.pid);
    const health = await fetch(`${server.url}/health`);
    await health.body?.cancel();

    const row = (what: string, value: number, unit: string, max?: number) =>
      figure(what, value, {
        unit,
        runs: count,
        ...(max !== undefined && { bar: { kind: "max", value: max } }),
      });
    return [
      row("connect–speak–interrupt–disconnect: RSS before", before.rssKb / 1024, "MB"),
      row("  RSS after", after.rssKb / 1024, "MB"),
      row("  RSS gained", (after.rssKb - before.rssKb) / 1024, "MB", 5),
      row("  heap gained, each cycle", (after.heapKb - before.heapKb) / count, "KB", 0.5),
      row("  files left open", after.files - before.files, "", 0),
      row("  sockets left open", after.sockets - before.sockets, "", 0),
      row("  threads left", after.threads - before.threads, "", 0),
      row("  processor time in 3 s of idling afterwards", idle.cpuMs - after.cpuMs, "ms", 50),
      row("  answers to /health afterwards", health.ok ? 1 : 0, ""),
    ];
  },
};
