import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { type Circuit, createCircuit } from "@/engines/failover/circuit.ts";
import type { Engine } from "@/engines/engine.ts";
import { EngineError } from "@/errors.ts";

const engine: Engine = { name: "edge", [Symbol.asyncDispose]: () => Promise.resolve() };

function failTimes(circuit: Circuit<Engine>, times: number): void {
  for (let i = 0; i < times; i++) circuit.failed(new Error("down"));
}

Deno.test("an engine is left alone after three failures in a row, and not before", () => {
  using circuit = createCircuit(engine, () => Promise.resolve());

  failTimes(circuit, 2);
  circuit.succeeded();
  failTimes(circuit, 2);
  const before = circuit.open();
  failTimes(circuit, 1);

  deepEqual([before, circuit.open()], [false, true]);
});

Deno.test("one failure that several callers bring counts once", () => {
  using circuit = createCircuit(engine, () => Promise.resolve());
  const shared = new EngineError("down", { engine: "edge", failure: "unavailable" });

  for (let caller = 0; caller < 5; caller++) circuit.failed(shared);
  failTimes(circuit, 1);
  const before = circuit.open();
  failTimes(circuit, 1);

  deepEqual([before, circuit.open()], [false, true]);
});

Deno.test("an engine left alone is probed after 5 s, then ever more seldom, and asked again once it answers", async () => {
  using time = new FakeTime();
  const probedAt: number[] = [];
  let works = false;
  using circuit = createCircuit(engine, () => {
    probedAt.push(Date.now());
    return works ? Promise.resolve() : Promise.reject(new Error("down"));
  });
  const start = Date.now();
  failTimes(circuit, 3);

  for (let s = 0; s < 40; s++) await time.tickAsync(1000);
  const open = circuit.open();
  works = true;
  for (let s = 0; s < 60; s++) await time.tickAsync(1000);

  deepEqual(probedAt.map((at) => (at - start) / 1000), [5, 15, 35, 75]);
  deepEqual([open, circuit.open()], [true, false]);
});

Deno.test("between two probes of an engine there is never more than a minute", async () => {
  using time = new FakeTime();
  const probedAt: number[] = [];
  using circuit = createCircuit(engine, () => {
    probedAt.push(Date.now());
    return Promise.reject(new Error("down"));
  });
  failTimes(circuit, 3);

  for (let s = 0; s < 600; s++) await time.tickAsync(1000);

  const waits = probedAt.map((at, i) => at - (probedAt[i - 1] ?? at));
  equal(Math.max(...waits), 60_000);
  equal(waits.at(-1), 60_000);
});

Deno.test("the end of the watching ends a probe that runs, and none follows", async () => {
  using time = new FakeTime();
  let signal: AbortSignal | undefined;
  const circuit = createCircuit(engine, (_, ofProbe) => {
    signal = ofProbe;
    return new Promise((_, reject) =>
      ofProbe.addEventListener("abort", () => reject(ofProbe.reason))
    );
  });
  failTimes(circuit, 3);
  await time.tickAsync(5000);

  circuit[Symbol.dispose]();
  await time.tickAsync(600_000);

  equal(signal?.aborted, true);
});

function overloaded(retryAfterMs: number): EngineError {
  return new EngineError("busy", { engine: "edge", failure: "overloaded", retryAfterMs });
}

/** The seconds at which an engine is probed that fails with these errors, one after the other, and works then. */
async function probesOf(first: Error, ...then: readonly Error[]): Promise<number[]> {
  using time = new FakeTime();
  const start = Date.now();
  const probedAt: number[] = [];
  const errors = [...then];
  using circuit = createCircuit(engine, () => {
    probedAt.push((Date.now() - start) / 1000);
    const error = errors.shift();
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  });
  circuit.failed(first);
  while (circuit.open()) await time.tickAsync(1000);
  return probedAt;
}

Deno.test("an engine that says when to come again is left alone until then, at its first failure", async () => {
  deepEqual(await probesOf(overloaded(30_000)), [30]);
});

Deno.test("an engine that says nothing useful about when to come again may fail three times", async () => {
  deepEqual(await probesOf(overloaded(0)), []);
  deepEqual(await probesOf(new Error("down")), []);
});

Deno.test("a probe that is told when to come again comes then, and otherwise after twice the time", async () => {
  deepEqual(
    await probesOf(overloaded(3000), overloaded(20_000), new Error("down")),
    [3, 23, 63],
  );
});

Deno.test("an engine that asks for more than a minute is probed after a minute", async () => {
  deepEqual(await probesOf(overloaded(3_600_000)), [60]);
});

Deno.test("an engine that is asked though it is left alone, and says until when, is left alone until then", async () => {
  using time = new FakeTime();
  const probedAt: number[] = [];
  using circuit = createCircuit(engine, () => {
    probedAt.push(Date.now());
    return Promise.resolve();
  });
  const start = Date.now();
  failTimes(circuit, 3);
  await time.tickAsync(4000);

  circuit.failed(overloaded(30_000));
  for (let s = 0; s < 40; s++) await time.tickAsync(1000);

  deepEqual(probedAt.map((at) => at - start), [34_000]);
});

Deno.test("an engine that does its work though it is left alone is so no longer", async () => {
  using time = new FakeTime();
  let probes = 0;
  using circuit = createCircuit(engine, () => Promise.resolve(probes++));
  failTimes(circuit, 3);

  circuit.succeeded();
  await time.tickAsync(60_000);

  deepEqual([circuit.open(), probes], [false, 0]);
});

Deno.test("what fails after the end of the watching begins no wait", () => {
  const circuit = createCircuit(engine, () => Promise.resolve());
  circuit[Symbol.dispose]();

  failTimes(circuit, 3);

  equal(circuit.open(), false);
});

Deno.test("an engine that misses its deadline once is left alone: it has made a caller wait", () => {
  using circuit = createCircuit(engine, () => Promise.resolve());

  circuit.failed(new EngineError("nothing came", { engine: "edge", failure: "timeout" }));

  equal(circuit.open(), true);
});

Deno.test("an engine that lets the whole server not in is left alone like one that is down", () => {
  using circuit = createCircuit(engine, () => Promise.resolve());

  for (let i = 0; i < 3; i++) {
    circuit.failed(new EngineError("wrong key", { engine: "edge", failure: "denied" }));
  }

  equal(circuit.open(), true);
});

Deno.test("a request that an engine refuses does not count against it: one caller's mistake must not move all others", () => {
  using circuit = createCircuit(engine, () => Promise.resolve());

  for (let i = 0; i < 5; i++) {
    circuit.failed(new EngineError("no such voice", { engine: "edge", failure: "rejected" }));
  }

  equal(circuit.open(), false);
});
