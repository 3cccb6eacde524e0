import { deepEqual, equal, match, ok } from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { FakeTime } from "@std/testing/time";
import { filter, interval, map, merge, NEVER, tap } from "rxjs";
import { createFacts } from "@/conversation/facts_stream.ts";
import type { NewFact } from "@/facts.ts";

const fact: NewFact = { kind: "speechStarted", itemId: "u" };
const other: NewFact = { kind: "firstToken", responseId: "r" };

Deno.test("every observer is told every fact, stamped, before emit returns", () => {
  let clock = 7;
  const facts = createFacts({ now: () => clock });
  const seen: unknown[] = [];
  facts.observe("first", (stream) => stream.subscribe((each) => seen.push(["first", each])));
  facts.observe("second", (stream) => stream.pipe(tap((each) => seen.push(["second", each]))));

  facts.emit(fact);
  clock = 9;
  facts.emit(other);

  deepEqual(seen, [
    ["first", { ...fact, at: 7 }],
    ["second", { ...fact, at: 7 }],
    ["first", { ...other, at: 9 }],
    ["second", { ...other, at: 9 }],
  ]);
});

Deno.test("an observer is told nothing of what was before it", () => {
  const facts = createFacts({ now });
  const seen: string[] = [];

  facts.emit(fact);
  facts.observe("late", (stream) => stream.subscribe(({ kind }) => seen.push(kind)));
  facts.emit(other);

  deepEqual(seen, ["firstToken"]);
});

for (
  const [where, subscribe] of Object.entries<
    Parameters<ReturnType<typeof createFacts>["observe"]>[1]
  >({
    "a handler": (stream) => stream.subscribe(fail),
    "a handler behind operators": (stream) =>
      merge(stream.pipe(filter(() => true)), NEVER).subscribe(fail),
    "an operator of a subscription": (stream) => stream.pipe(map(fail)).subscribe(),
    "an operator of a stream handed back": (stream) => stream.pipe(map(fail)),
    "the handler of the end": (stream) => stream.subscribe({ complete: fail }),
    "subscribe itself": fail,
  })
) {
  Deno.test(`an error in ${where} is logged and counted, and nobody else notices`, async () => {
    await using records = await gatherLogs();
    const facts = createFacts({ now });
    const seen: string[] = [];
    facts.observe("before", (stream) => stream.subscribe(({ kind }) => seen.push(kind)));
    facts.observe("broken", subscribe);
    facts.observe("after", (stream) => stream.subscribe(({ kind }) => seen.push(kind)));

    facts.emit(fact);
    facts.complete();
    await nextTask();

    deepEqual(seen, ["speechStarted", "speechStarted"]);
    deepEqual([...facts.errors()], [["broken", 1]]);
    equal(records.all.length, 1);
    deepEqual(records.all[0]!.category, ["chatai", "facts"]);
    equal(records.all[0]!.level, "error");
    equal(records.all[0]!.properties["name"], "broken");
  });
}

Deno.test("a handler that has thrown is told the next fact all the same", async () => {
  await using _ = await gatherLogs();
  const facts = createFacts({ now });
  let told = 0;
  facts.observe("broken", (stream) =>
    stream.subscribe(() => {
      told++;
      throw new Error("broken");
    }));

  facts.emit(fact);
  facts.emit(other);
  await nextTask();

  equal(told, 2);
  equal(facts.errors().get("broken"), 2);
});

Deno.test("an error whose observer cannot be told is logged all the same", async () => {
  await using records = await gatherLogs();
  using time = new FakeTime();
  const facts = createFacts({ now });
  facts.observe("broken", (stream) => stream.subscribe(fail));

  facts.emit(fact);
  time.tick(0);

  equal(records.all.length, 1);
  equal(records.all[0]!.level, "error");
});

Deno.test("two sessions count their observers' errors apart", async () => {
  await using _ = await gatherLogs();
  const [one, two] = [createFacts({ now }), createFacts({ now })];
  one.observe("broken", (stream) => stream.subscribe(fail));
  two.observe("broken", (stream) => stream.subscribe(fail));

  one.emit(fact);
  await nextTask();

  equal(one.errors().get("broken"), 1);
  equal(two.errors().size, 0);
});

Deno.test("a fact emitted by an observer is refused, logged and counted", async () => {
  await using records = await gatherLogs();
  const facts = createFacts({ now });
  const seen: string[] = [];
  facts.observe("meddler", (stream) => stream.subscribe(() => facts.emit(other)));
  facts.observe("witness", (stream) => stream.subscribe(({ kind }) => seen.push(kind)));

  facts.emit(fact);
  facts.emit(fact);

  deepEqual(seen, ["speechStarted", "speechStarted"]);
  equal(facts.errors().get("meddler"), 2);
  match(String(records.all[0]!.properties["error"]), /"firstToken" while "speechStarted"/);
});

Deno.test("all observers end with the facts, whatever they wait for", () => {
  const facts = createFacts({ now });
  const ended: string[] = [];
  facts.observe("plain", (stream) => stream.subscribe({ complete: () => ended.push("plain") }));
  facts.observe("timer", (stream) => merge(stream, interval(10_000)));
  const timer = interval(10_000).subscribe();
  facts.observe("own subscription", () => timer);

  facts.complete();
  facts.emit(fact);

  deepEqual(ended, ["plain"]);
  ok(timer.closed);
});

Deno.test("an observer that comes after the end is told of the end", () => {
  const facts = createFacts({ now });
  const seen: string[] = [];
  facts.complete();

  facts.observe("late", (stream) => stream.subscribe({ complete: () => seen.push("end") }));

  deepEqual(seen, ["end"]);
});

function fail(): never {
  throw new Error("broken");
}

function now(): number {
  return 0;
}

/** Until RxJS has reported what its handlers threw: it does so from a timer. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
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
