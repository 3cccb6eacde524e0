import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { EngineError } from "@/errors.ts";
import {
  createJobQueue,
  type JobQueue,
  type JobQueueOptions,
  type Priority,
} from "@/inference/job_queue.ts";

/** A queue before a model that settles each batch when the test says so, and answers in capitals. */
function scripted(options: Partial<JobQueueOptions<string, string>> = {}) {
  const batches: (readonly string[])[] = [];
  const pending: PromiseWithResolvers<void>[] = [];
  const queue = createJobQueue<string, string>({
    engine: "scripted",
    execute: async (batch) => {
      batches.push(batch);
      const settled = Promise.withResolvers<void>();
      pending.push(settled);
      await settled.promise;
      return batch.map((job) => job.toUpperCase());
    },
    maxBatch: 1,
    capacity: 10,
    deadlineMs: 1000,
    ...options,
  });

  /** Ends the running batch, and lets the next one begin. */
  async function settle(error?: Error): Promise<void> {
    const running = pending.shift()!;
    if (error) running.reject(error);
    else running.resolve();
    await turn();
  }

  return { queue, batches, settle };
}

function run(
  queue: JobQueue<string, string>,
  job: string,
  { signal = new AbortController().signal, priority = "final" as Priority } = {},
): Promise<string> {
  return queue.run(job, { signal, priority });
}

/** Lets everything that can go on without time go on. */
async function turn(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

function failed(failure: string): (error: unknown) => boolean {
  return (error) => error instanceof EngineError && error.failure === failure;
}

Deno.test("a job begins at once where nothing else runs", async () => {
  const { queue, batches, settle } = scripted();

  const answer = run(queue, "a");

  deepEqual(batches, [["a"]]);
  await settle();
  equal(await answer, "A");
});

Deno.test("a batch is whatever waits when the model is free, up to its limit", async () => {
  const { queue, batches, settle } = scripted({ maxBatch: 3 });

  const answers = ["a", "b", "c", "d", "e"].map((job) => run(queue, job));
  for (let i = 0; i < 3; i++) await settle();

  deepEqual(batches, [["a"], ["b", "c", "d"], ["e"]]);
  deepEqual(await Promise.all(answers), ["A", "B", "C", "D", "E"]);
});

Deno.test("a second batch goes to a model at work only when it is full", async () => {
  const { queue, batches, settle } = scripted({ maxBatch: 3, maxRunning: 2 });

  const answers = ["a", "b", "c"].map((job) => run(queue, job));
  const early = batches.length;
  answers.push(...["d", "e", "f", "g", "h"].map((job) => run(queue, job)));
  const ahead = batches.map((batch) => batch.join(""));
  for (let i = 0; i < 4; i++) await settle();

  equal(early, 1);
  deepEqual(ahead, ["a", "bcd"]);
  deepEqual(batches.map((batch) => batch.join("")), ["a", "bcd", "efg", "h"]);
  deepEqual(await Promise.all(answers), ["A", "B", "C", "D", "E", "F", "G", "H"]);
});

Deno.test("finals overtake eager runs, and both overtake partials", async () => {
  const { queue, batches, settle } = scripted();

  const answers = [
    run(queue, "running"),
    run(queue, "partial", { priority: "partial" }),
    run(queue, "eager", { priority: "eager" }),
    run(queue, "first"),
    run(queue, "second"),
  ];
  for (let i = 0; i < answers.length; i++) await settle();

  deepEqual(batches.flat(), ["running", "first", "second", "eager", "partial"]);
  await Promise.all(answers);
});

Deno.test("a waiting job may rise", async () => {
  const { queue, batches, settle } = scripted();
  const { signal } = new AbortController();
  let priority: Priority = "eager";
  const answers = [
    run(queue, "running"),
    run(queue, "other", { priority: "eager" }),
    queue.run("rising", {
      signal,
      get priority() {
        return priority;
      },
    }),
  ];

  priority = "final";
  for (let i = 0; i < answers.length; i++) await settle();

  deepEqual(batches.flat(), ["running", "rising", "other"]);
  await Promise.all(answers);
});

Deno.test("an aborted caller whose job waits is released, and the job never runs", async () => {
  const { queue, batches, settle } = scripted();
  const controller = new AbortController();
  const running = run(queue, "running");
  const waiting = run(queue, "waiting", { signal: controller.signal });

  controller.abort("enough");

  await rejects(waiting, (reason) => reason === "enough");
  equal(queue.depth(), 1);
  await settle();
  deepEqual(batches, [["running"]]);
  await running;
});

Deno.test("an aborted caller whose job runs is released at once; the model finishes before the next", async () => {
  const { queue, batches, settle } = scripted();
  const controller = new AbortController();
  const running = run(queue, "running", { signal: controller.signal });
  const next = run(queue, "next");

  controller.abort("enough");

  await rejects(running, (reason) => reason === "enough");
  deepEqual(batches, [["running"]]);
  await settle();
  deepEqual(batches, [["running"], ["next"]]);
  await settle();
  equal(await next, "NEXT");
});

Deno.test("a job whose signal has aborted is not begun", async () => {
  const { queue, batches } = scripted();

  await rejects(run(queue, "a", { signal: AbortSignal.abort("enough") }), (e) => e === "enough");

  deepEqual(batches, []);
});

Deno.test("a deadline counts from when the job was enqueued", async () => {
  using time = new FakeTime();
  const { queue, settle } = scripted({ deadlineMs: 100, now: () => time.now });
  const running = rejects(run(queue, "running"), failed("timeout"));
  await time.tickAsync(60);
  const late = rejects(run(queue, "late"), failed("timeout"));

  await time.tickAsync(40);
  await running;
  equal(queue.depth(), 2); // the model still runs it
  await settle();
  await time.tickAsync(60);

  await late;
});

Deno.test("the newest partial makes room first, then eager runs, then finals", async () => {
  const { queue, settle } = scripted({ capacity: 2 });
  const running = run(queue, "running");
  const older = run(queue, "older", { priority: "partial" });
  const eager = run(queue, "eager", { priority: "eager" });

  const newer = run(queue, "newer", { priority: "partial" });
  await rejects(newer, failed("displaced"));
  const first = run(queue, "first");
  await rejects(older, failed("displaced"));
  const second = run(queue, "second");
  await rejects(eager, failed("displaced"));
  const third = run(queue, "third");
  await rejects(third, failed("overloaded"));

  for (let i = 0; i < 3; i++) await settle();
  deepEqual(await Promise.all([running, first, second]), ["RUNNING", "FIRST", "SECOND"]);
});

Deno.test("a recording waits for conversations, who do not wait for it", async () => {
  let now = 0;
  const { queue, settle, batches } = scripted({ capacity: 2, now: () => now });
  const running = run(queue, "running");
  const recording = run(queue, "recording", { priority: "recording" });
  now = 5000;

  const eager = run(queue, "eager", { priority: "eager" });
  now = 5010;
  const age = queue.age();
  const lost = rejects(recording, failed("overloaded"));
  const final = run(queue, "final");
  await lost;
  const another = run(queue, "another", { priority: "recording" });
  await rejects(another, failed("overloaded"));
  for (let i = 0; i < 3; i++) await settle();

  equal(age, 10);
  deepEqual(await Promise.all([running, final, eager]), ["RUNNING", "FINAL", "EAGER"]);
  deepEqual(batches.flat(), ["running", "final", "eager"]);
});

Deno.test("a batch that fails takes only its own jobs with it", async () => {
  const { queue, settle } = scripted();
  const running = run(queue, "running");
  const next = run(queue, "next");

  const lost = rejects(running, failed("crashed"));
  await settle(new EngineError("gone", { engine: "scripted", failure: "crashed" }));

  await lost;
  await settle();
  equal(await next, "NEXT");
});

Deno.test("the queue tells how deep it is, and how long its oldest job has waited", async () => {
  let now = 0;
  const { queue, settle } = scripted({ now: () => now });
  deepEqual([queue.depth(), queue.age()], [0, 0]);

  const answers = [run(queue, "a")];
  now = 30;
  answers.push(run(queue, "b"));
  now = 40;
  answers.push(run(queue, "c"));

  deepEqual([queue.depth(), queue.age()], [3, 10]);
  await settle();
  deepEqual([queue.depth(), queue.age()], [2, 0]);
  await settle();
  await settle();
  deepEqual([queue.depth(), queue.age()], [0, 0]);
  await Promise.all(answers);
});
