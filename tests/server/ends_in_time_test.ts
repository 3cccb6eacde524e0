import { ok, rejects, strictEqual as equal } from "node:assert/strict";
import { FakeTime } from "@std/testing/time";
import { configureLogging } from "@/telemetry/logging.ts";
import { endsInTime } from "@/server/ends_in_time.ts";

/** What is logged at `warning` while work is done. */
async function logged(work: () => Promise<void>): Promise<string> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const text = new Response(readable).text();
  const levels = { all: "warning", categories: {} } as const;
  {
    await using _logging = await configureLogging({ levels, format: "text", output: writable });
    await work();
  }
  await writable.close();
  return await text;
}

Deno.test("what does not end in time is left alone, and the log says so", async () => {
  const log = await logged(async () => {
    using time = new FakeTime();
    const waited = endsInTime(new Promise(() => {}), 15_000);

    await time.tickAsync(15_000);

    await waited;
  });
  ok(/Not all has ended in 15 s/.test(log), log);
});

Deno.test("what ends in time is not remarked on", async () => {
  const log = await logged(() => endsInTime(Promise.resolve(), 15_000));

  equal(log, "");
});

Deno.test("what fails to end is told, a timeout of its own too", async () => {
  const own = new DOMException("The store did not answer", "TimeoutError");

  const waited = endsInTime(Promise.reject(own), 15_000);

  await rejects(waited, own);
});
