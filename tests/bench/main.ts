import { bargeIn } from "./barge_in.ts";
import { conversations } from "./conversations.ts";
import { cycles } from "./cycles.ts";
import { memory } from "./memory.ts";
import { microphones } from "./microphones.ts";
import { overhead } from "./overhead.ts";
import { type Measurement, type Row, table } from "./report.ts";
import { semantic, voiceToVoice } from "./voice_to_voice.ts";
import { wordErrors } from "./word_errors.ts";

/** Every measurement, by the name it is asked for. */
const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  voice: voiceToVoice,
  semantic,
  "barge-in": bargeIn,
  overhead,
  memory,
  microphones,
  conversations,
  cycles,
  "word-errors": wordErrors,
};

const USAGE = `deno task bench [--quick] [--json FILE] [${Object.keys(MEASUREMENTS).join("|")} …]`;

/** What the command line asks for; `undefined` if it cannot be understood. */
function readArgs(args: readonly string[]) {
  const names: string[] = [];
  let quick = false;
  let json: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--quick") quick = true;
    else if (arg === "--json" && args[i + 1] !== undefined) json = args[++i];
    else if (Object.hasOwn(MEASUREMENTS, arg)) names.push(arg);
    else return undefined;
  }
  return { names: names.length > 0 ? names : Object.keys(MEASUREMENTS), quick, json };
}

function print(text: string): void {
  // deno-lint-ignore no-console
  console.log(text);
}

async function run(): Promise<number> {
  const asked = readArgs(Deno.args);
  if (asked === undefined) {
    print(USAGE);
    return 2;
  }
  const { names, quick, json } = asked;
  const machine = {
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    date: new Date().toISOString(),
    quick,
  };
  const results: { name: string; method: string; loadBefore: number; rows: Row[] }[] = [];
  for (const name of names) {
    const { method, run } = MEASUREMENTS[name]!;
    const loadBefore = Deno.loadavg()[0]!;
    print(`# ${name}\n${method}`);
    print(`  … load average of the machine before: ${loadBefore.toFixed(2)}`);
    const rows = await run({ quick, log: (line) => print(`  … ${line}`) });
    print(`${table(rows)}\n`);
    results.push({ name, method, loadBefore, rows });
  }
  if (names.length > 1) print(table(results.flatMap(({ rows }) => rows)));
  if (json !== undefined) {
    await Deno.writeTextFile(json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  }
  return 0;
}

Deno.exit(await run());
