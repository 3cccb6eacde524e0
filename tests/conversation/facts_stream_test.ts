import { deepStrictEqual as deepEqual, match } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { finalize, interval, map, merge, tap, throwError } from "rxjs";
import { createFacts, type Watch } from "@/conversation/facts_stream.ts";
import type { NewFact } from "@/facts.ts";
import { METRICS } from "@/telemetry/metrics.ts";

const fact: NewFact = { kind: "speechStarted", itemId: "u" };
const other: NewFact = { kind: "firstToken", responseId: "r" };

/** Adds up what an observer is told. */
function noting(seen: string[], label = ""): Watch {
  return (stream) => stream.pipe(tap(({ kind, at }) => seen.push(`${label}${kind}@${at}`)));
}

Deno.test("every observer is told every fact, stamped, before emit returns", () => {
  let clock = 7;
  const facts = createFacts({ now: () => clock });
  const seen: string[] = [];
  facts.observe("first", noting(seen, "1 "));
  facts.observe("second", noting(seen, "2 "));

  facts.emit(fact);
  clock = 9;
  facts.emit(other);

  deepEqual(seen, ["1 speechStarted@7", "2 speechStarted@7", "1 firstToken@9", "2 firstToken@9"]);
});

Deno.test("an observer is told nothing of what was before it", () => {
  const facts = createFacts({ now });
  const seen: string[] = [];

  facts.emit(fact);
  facts.observe("late", noting(seen));
  facts.emit(other);

  deepEqual(seen, ["firstToken@0"]);
});

const broken: Record<string, Watch> = {
  "an operator": (stream) => stream.pipe(map(fail)),
  "the handling of the end": (stream) => stream.pipe(tap({ complete: fail })),
  "a stream beside the facts": (stream) => merge(stream, throwError(() => new Error("broken"))),
  "making the stream": fail,
};
for (const [where, watch] of Object.entries(broken)) {
  Deno.test(`an error in ${where} is logged and counted, and nobody else notices`, async () => {
    await using records = await gatherLogs();
    METRICS.resetMetrics();
    const facts = createFacts({ now });
    const seen: string[] = [];
    facts.observe("before", noting(seen));
    facts.observe("broken", watch);
    facts.observe("after", noting(seen));

    facts.emit(fact);
    facts.complete();

    deepEqual(seen, ["speechStarted@0", "speechStarted@0"]);
    match(await METRICS.metrics(), /chatai_unhandled_total\{kind="observer"\} 1/);
    deepEqual(
      records.all.map(({ category, level, properties: { name } }) => [category, level, name]),
      [[["chatai", "facts"], "error", "broken"]],
    );
  });
}

Deno.test("a fact emitted by an observer is refused and logged", async () => {
  await using records = await gatherLogs();
  const facts = createFacts({ now });
  const seen: string[] = [];
  facts.observe("meddler", (stream) => stream.pipe(tap(() => facts.emit(other))));
  facts.observe("witness", noting(seen));

  facts.emit(fact);
  facts.emit(fact);

  deepEqual(seen, ["speechStarted@0", "speechStarted@0"]);
  deepEqual(records.all.map(({ properties: { fact, told } }) => [fact, told]), [
    ["firstToken", "speechStarted"],
    ["firstToken", "speechStarted"],
  ]);
});

Deno.test("all observers end with the facts, whatever they wait for", () => {
  const facts = createFacts({ now });
  const ended: string[] = [];
  const end = (name: string) => finalize<unknown>(() => ended.push(name));
  facts.observe("plain", (stream) => stream.pipe(end("plain")));
  facts.observe("timer", (stream) => merge(stream, interval(10_000)).pipe(end("timer")));

  facts.complete();
  facts.emit(fact);

  deepEqual(ended, ["plain", "timer"]);
});

function fail(): never {
  throw new Error("broken");
}

function now(): number {
  return 0;
}

/** Gathers what is logged, until it is disposed. */
async function gatherLogs(): Promise<AsyncDisposable & { readonly all: readonly LogRecord[] }> {
  const all: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => void all.push(record) },
    loggers: [
      { category: "chatai", sinks: ["memory"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
    reset: true,
  });
  return { all, [Symbol.asyncDispose]: () => reset() };
}
