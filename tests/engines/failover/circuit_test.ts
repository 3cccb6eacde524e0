import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { type Circuit, createCircuit } from "@/engines/failover/circuit.ts";
import type { Engine } from "@/engines/engine.ts";

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
