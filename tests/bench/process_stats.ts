/** What the kernel knows of a process. Linux only. */
export interface ProcessStats {
  /** Memory that is resident, in KB. */
  readonly rssKb: number;
  readonly threads: number;
  readonly files: number;
  readonly sockets: number;
  /** Time it has used, in ms. */
  readonly cpuMs: number;
}

/** Clock ticks of a second in `/proc`: 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Looks a process up in `/proc`. */
export async function processStats(pid: number): Promise<ProcessStats> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const [utime, stime] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  let files = 0;
  let sockets = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    files++;
    const target = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => "");
    if (target.startsWith("socket:")) sockets++;
  }
  return {
    rssKb: Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]),
    threads: Number(/^Threads:\s+(\d+)/m.exec(status)![1]),
    files,
    sockets,
    cpuMs: (utime! + stime!) * 1000 / TICKS_PER_SECOND,
  };
}
