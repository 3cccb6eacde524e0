import { deepStrictEqual as deepEqual, rejects, strictEqual as equal } from "node:assert/strict";
import { EngineError } from "@/errors.ts";
import type { JobHost } from "@/inference/host.ts";
import { createWorkerHost } from "@/inference/worker_host.ts";

function echo(init = "echo"): Promise<JobHost<string, string>> {
  return createWorkerHost({
    engine: "echo",
    url: new URL("./workers/echo_worker.ts", import.meta.url),
    init,
    read: [new URL("../", import.meta.url).pathname],
  });
}

function failed(failure: string): (error: unknown) => boolean {
  return (error) => error instanceof EngineError && error.failure === failure;
}

Deno.test("a Worker host answers jobs in the order they came", async () => {
  await using host = await echo();

  const answers = await Promise.all(["a", "b", "c"].map((job) => host.run(job)));

  deepEqual(answers, ["echo a", "echo b", "echo c"]);
});

Deno.test("a model that cannot be loaded is unavailable, and says why", async () => {
  const loading = echo("throw at load");

  await rejects(
    loading,
    (error: EngineError) => error.failure === "unavailable" && /no such model/.test(error.message),
  );
});

Deno.test("a refused job leaves the Worker as it was", async () => {
  await using host = await echo();

  await rejects(host.run("refuse"), failed("rejected"));

  equal(await host.run("count"), "2");
});

for (const way of ["die", "break"]) {
  Deno.test(`when a Worker must ${way}, only the running job fails and the next goes to its replacement`, async () => {
    await using host = await echo();

    const [running, waiting] = await Promise.allSettled([host.run(way), host.run("count")]);

    equal(running.status, "rejected");
    equal(failed("crashed")(running.reason), true);
    deepEqual(waiting, { status: "fulfilled", value: "1" });
  });
}

Deno.test("a Worker that keeps dying is refused at once until its pause is over", async () => {
  await using host = await echo();

  await rejects(host.run("die"), failed("crashed"));
  await rejects(host.run("die"), failed("crashed"));

  await rejects(host.run("a"), failed("unavailable"));
});

Deno.test("a Worker may read nothing outside what it was given", async () => {
  await using host = await echo();

  await rejects(host.run("read outside"), failed("crashed"));
});

Deno.test("disposing a host ends its running job and refuses the next", async () => {
  const host = await echo();
  const running = rejects(host.run("die"), failed("unavailable"));
  const waiting = rejects(host.run("a"), failed("unavailable"));

  await host[Symbol.asyncDispose]();

  await Promise.all([running, waiting]);
});

Deno.test("disposing a host ends a replacement that is still loading", async () => {
  const host = await echo();
  await rejects(host.run("break"), failed("crashed"));

  await host[Symbol.asyncDispose]();

  await rejects(host.run("a"), failed("unavailable"));
});
