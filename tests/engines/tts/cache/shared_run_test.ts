import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { createSharedRun } from "@/engines/tts/cache/shared_run.ts";

const never = new AbortController().signal;

/** A run of numbers that a test yields one by one. */
function scripted() {
  const gates: PromiseWithResolvers<number | undefined>[] = [];
  const log: string[] = [];
  let asked = 0;
  const gate = (index: number) => gates[index] ??= Promise.withResolvers();
  const run = createSharedRun<number>({
    async *start(signal) {
      log.push("started");
      signal.addEventListener("abort", () => gate(asked - 1).reject(signal.reason));
      try {
        for (;;) {
          const value = await gate(asked++).promise;
          if (value === undefined) return;
          yield value;
        }
      } finally {
        log.push("stopped");
      }
    },
    ended: () => log.push("ended"),
  });
  return { run, log, gate };
}

Deno.test("readers of a shared run get all of it, whenever they come, and it runs once", async () => {
  const { run, log, gate } = scripted();
  const early = run.follow(never);
  const first = early.next();
  gate(0).resolve(1);
  deepEqual(await first, { done: false, value: 1 });
  const late = Array.fromAsync(run.follow(never));

  gate(1).resolve(2);
  gate(2).resolve(undefined);

  deepEqual(await late, [1, 2]);
  deepEqual(await Array.fromAsync(early), [2]);
  deepEqual(log, ["started", "stopped", "ended"]);
});

Deno.test("one reader's abort releases it at once and leaves the others be", async () => {
  const { run, log, gate } = scripted();
  const controller = new AbortController();
  const impatient = Array.fromAsync(run.follow(controller.signal));
  const patient = Array.fromAsync(run.follow(never));

  controller.abort(new Error("enough"));
  await rejects(impatient, { message: "enough" });
  gate(0).resolve(1);
  gate(1).resolve(undefined);

  deepEqual(await patient, [1]);
  equal(log.at(-1), "ended");
});

Deno.test("the last reader's abort aborts the run", async () => {
  const { run, log } = scripted();
  const controller = new AbortController();
  const readers = [1, 2].map(() => Array.fromAsync(run.follow(controller.signal)));

  controller.abort(new Error("enough"));

  for (const reader of readers) await rejects(reader, { message: "enough" });
  deepEqual(log.toSorted(), ["ended", "started", "stopped"]);
});

Deno.test("a run ends when its last reader stops reading", async () => {
  const { run, log, gate } = scripted();
  const reader = run.follow(never);
  const first = reader.next();
  gate(0).resolve(1);
  await first;

  await reader.return();

  await Promise.resolve();
  deepEqual(log.toSorted(), ["ended", "started", "stopped"]);
});

Deno.test("a run that fails fails for all its readers, after what it yielded", async () => {
  const { run, gate } = scripted();
  const behind = run.follow(never);
  const first = behind.next();
  gate(0).resolve(1);
  await first;
  const waiting = Array.fromAsync(run.follow(never));

  gate(1).reject(new Error("broken"));

  await rejects(waiting, { message: "broken" });
  await rejects(behind.next(), { message: "broken" });
});

Deno.test("a slow reader does not hold up a fast one", async () => {
  const { run, gate } = scripted();
  const slow = run.follow(never);
  const slowFirst = slow.next();
  for (const [index, value] of [1, 2, 3, undefined].entries()) gate(index).resolve(value);

  const fast = await Array.fromAsync(run.follow(never));

  deepEqual(fast, [1, 2, 3]);
  ok(!(await slowFirst).done);
  deepEqual(await Array.fromAsync(slow), [2, 3]);
});
