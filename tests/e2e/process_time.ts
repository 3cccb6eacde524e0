/** Clock ticks in a second, as Linux counts them for programs. */
const TICKS = 100;

/** Seconds of processor time that a process has used, in all its threads. Linux only. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
