import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { EngineError } from "@/errors.ts";
import { createLocalHost } from "@/inference/local_host.ts";

function counting(broken: string) {
  let loads = 0;
  return createLocalHost<string, string, string>({
    engine: "counting",
    load: (prefix) => {
      const load = ++loads;
      return Promise.resolve((job) => {
        if (job === broken) throw new RangeError("memory access out of bounds");
        return `${prefix}${load} ${job}`;
      });
    },
    init: "load ",
  });
}

Deno.test("a local host does one job at a time, with a turn of the event loop before each", async () => {
  await using host = await counting("break");
  const order: string[] = [];

  const jobs = ["a", "b"].map((job) => host.run(job).then((answer) => order.push(answer)));
  await new Promise<void>((resolve) =>
    setTimeout(() => {
      order.push("timer");
      resolve();
    })
  );
  await Promise.all(jobs);

  deepEqual(order.filter((entry) => entry !== "timer"), ["load 1 a", "load 1 b"]);
  equal(order.indexOf("timer") < 2, true);
});

Deno.test("a local model that breaks is loaded anew, and only the job it did is lost", async () => {
  await using host = await counting("break");

  const [broken, next] = await Promise.allSettled([host.run("break"), host.run("a")]);

  equal(broken.status, "rejected");
  equal((broken.reason as EngineError).failure, "crashed");
  deepEqual(next, { status: "fulfilled", value: "load 2 a" });
});

Deno.test("a disposed host is unavailable", async () => {
  const host = await counting("break");

  await host[Symbol.asyncDispose]();

  await rejects(host.run("a"), { failure: "unavailable" });
});
