// Minutes of callers who speak, interrupt, vanish, stop reading and resume: `deno task soak [--minutes N]`.
import { deadline, delay } from "@std/async";
import { type ProcessStats, processStats } from "./process_stats.ts";
import { figure, type Row, table } from "./report.ts";
import { type BenchServer, realServer } from "./servers.ts";
import { type Conversation, soakCallers } from "./soak_callers.ts";

/** Callers at once: what two cores have time for, ears and mouths of the callers included. */
const AT_ONCE = 5;

/** Before anything is counted: all that is made once has been made, in ms. */
const WARM_UP_MS = 30_000;

/** Longest conversation, in ms; one that lasts longer hangs. */
const PATIENCE_MS = 90_000;

/** How long the server may take until nothing of its callers is left, in ms. */
const SETTLE_MS = 60_000;

/** How often the server is looked at, in ms. */
const LOOK_MS = 5000;

/** What is looked at. */
interface Look extends ProcessStats {
  readonly sessions: number;
  /** Jobs that wait for a model, or run. */
  readonly jobs: number;
  /** How often the event loop was late by so many ms at most, since the server started. */
  readonly late: readonly (readonly [ms: number, times: number])[];
}

async function look({ url, pid }: BenchServer): Promise<Look> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))]
      .reduce((total, [, value]) => total + Number(value), 0);
  await delay(1000); // fetch lets its connection go
  return {
    ...await processStats(pid),
    sessions: sum("chatai_sessions"),
    jobs: sum("chatai_queue_depth"),
    late: [...text.matchAll(/^chatai_event_loop_lag_seconds_bucket\{le="(\S+)"\} (\d+)$/gm)]
      .map((
        [, seconds, times],
      ) => [1000 * Number(seconds!.replace("+Inf", "Infinity")), Number(times)]),
  };
}

/** By how many ms the event loop was late at most between two looks, in so large a part of the times that it was looked at. */
function lateness(from: Look, to: Look, part: number): number {
  const times = to.late.map(([ms, count], i) => [ms, count - from.late[i]![1]] as const);
  const all = times.at(-1)![1];
  return times.find(([, count]) => count >= part * all)![0];
}

/** The first look that satisfies, or the last one when time is up. */
async function settled(server: BenchServer, satisfies: (look: Look) => boolean): Promise<Look> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await look(server);
    if (satisfies(now) || performance.now() > until) return now;
    await delay(LOOK_MS);
  }
}

/** How conversations of one kind went. */
interface Tally {
  readonly kind: string;
  held: number;
  failed: number;
}

/** Callers of all kinds, one after another, until the time is up. */
async function talk(
  server: BenchServer,
  callers: Readonly<Record<string, Conversation>>,
  ms: number,
): Promise<readonly Tally[]> {
  const until = performance.now() + ms;
  const kinds = Object.entries(callers);
  const tallies = kinds.map(([kind]): Tally => ({ kind, held: 0, failed: 0 }));
  await Promise.all(Array.from({ length: AT_ONCE }, async (_, first) => {
    for (let i = first; performance.now() < until; i++) {
      const [kind, converse] = kinds[i % kinds.length]!;
      const tally = tallies[i % kinds.length]!;
      try {
        await deadline(converse(server.realtime()), PATIENCE_MS);
        tally.held++;
      } catch (error) {
        tally.failed++;
        print(`  … ${kind}: ${error instanceof Error ? error.message : error}`);
      }
    }
  }));
  return tallies;
}

async function soak(minutes: number): Promise<Row[]> {
  const callers = await soakCallers();
  await using server = await realServer({ MAX_SESSIONS: "0" });
  await talk(server, callers, WARM_UP_MS);
  await settled(server, ({ sessions, jobs }) => sessions + jobs === 0);
  const idle = await look(server);
  await delay(LOOK_MS);
  const before = await look(server);
  print(`  … before: ${describe(before)}`);

  const during: Look[] = [];
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const now = await look(server);
      during.push(now);
      if (during.length % 10 === 0) print(`  … meanwhile: ${describe(now)}`);
      await delay(LOOK_MS, { signal: over.signal }).catch(() => {});
    }
  })();
  const tallies = await talk(server, callers, minutes * 60_000);
  over.abort();
  await watching;
  print(`  … at the end: ${describe(during.at(-1)!)}`);

  await settled(server, (now) => left(before, now).every(([, count]) => count <= 0));
  const calm = await look(server);
  await delay(LOOK_MS);
  const after = await look(server);
  print(`  … after: ${describe(after)}`);

  const conversations = tallies.reduce((sum, { held, failed }) => sum + held + failed, 0);
  const failures = tallies.reduce((sum, { failed }) => sum + failed, 0);
  const row = (what: string, value: number, unit = "", max?: number) =>
    figure(what, value, {
      unit,
      runs: conversations,
      ...(max !== undefined && { bar: { kind: "max", value: max } }),
    });
  return [
    ...tallies.map(({ kind, held, failed }) =>
      figure(`callers who ${kind}`, held, {
        unit: "",
        runs: held + failed,
      })
    ),
    row("conversations that went wrong, of 100", 100 * failures / conversations, "", 1),
    ...left(before, after).map(([what, count]) => row(`${what} left`, count, "", 0)),
    row("RSS before", before.rssKb / 1024, "MB"),
    row("  at its highest", Math.max(...during.map(({ rssKb }) => rssKb)) / 1024, "MB"),
    row("  after", after.rssKb / 1024, "MB"),
    row("event loop late (p99) by at most, before", lateness(idle, before, 0.99), "ms"),
    row("  the same, during", lateness(before, during.at(-1)!, 0.99), "ms"),
    row("  the worst of 1,000, during", lateness(before, during.at(-1)!, 0.999), "ms"),
    row("  p99, after", lateness(calm, after, 0.99), "ms"),
  ];
}

/** What a server may keep of nobody. */
function left(before: Look, after: Look): readonly (readonly [what: string, count: number])[] {
  return [
    ["sessions", after.sessions],
    ["jobs of models", after.jobs],
    ["sockets", after.sockets - before.sockets],
    ["other files", after.files - after.sockets - (before.files - before.sockets)],
    ["Workers", after.workers - before.workers],
  ];
}

function describe({ rssKb, sessions, files, sockets, workers, threads }: Look): string {
  return `RSS ${(rssKb / 1024).toFixed(0)} MB, ${sessions} sessions, ${files} files, ` +
    `${sockets} sockets, ${workers} Workers, ${threads} threads`;
}

function print(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

/** Minutes that the command line asks for; `undefined` if it cannot be understood. */
function readArgs([flag, minutes]: readonly string[]): number | undefined {
  if (flag === undefined) return 10;
  return flag === "--minutes" && Number(minutes) > 0 ? Number(minutes) : undefined;
}

const minutes = readArgs(Deno.args);
if (minutes === undefined) {
  print("deno task soak [--minutes N]");
  Deno.exit(2);
}
print(
  `${AT_ONCE} callers at once for ${minutes} min, after ${
    WARM_UP_MS / 1000
  } s that are not counted`,
);
print(`  … load average of the machine before: ${Deno.loadavg()[0]!.toFixed(2)}`);
const rows = await soak(minutes);
print(table(rows));
Deno.exit(rows.every(({ bar }) => bar?.met !== false) ? 0 : 1);
