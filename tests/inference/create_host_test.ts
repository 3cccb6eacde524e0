import { deepStrictEqual as deepEqual, rejects } from "node:assert/strict";
import { createHost, createHosts } from "@/inference/create_host.ts";

/** A model whose Worker prefixes an answer with `echo`, and which says `here` in the main isolate. */
function options(init = "echo") {
  return {
    engine: "echo",
    url: new URL("./workers/echo_worker.ts", import.meta.url),
    load: () =>
      Promise.resolve((init: string) => {
        if (init === "throw at load") throw new Error("no such model");
        return Promise.resolve((job: string) => `here ${job}`);
      }),
    init,
    read: [new URL("../", import.meta.url).pathname],
  };
}

Deno.test("a model runs in a Worker, or in the main isolate where there are none", async () => {
  await using worker = await createHost(1, options());
  await using local = await createHost(0, options());

  const answers = await Promise.all([worker, local].map((host) => host.run("a")));

  deepEqual(answers, ["echo a", "here a"]);
});

Deno.test("as many Workers start as are asked for, and one host without any", async () => {
  const several = await createHosts(2, options());
  const one = await createHosts(0, options());

  deepEqual([several.length, one.length], [2, 1]);
  await Promise.all([...several, ...one].map((host) => host[Symbol.asyncDispose]()));
});

Deno.test("where one cannot start, none is left behind", async () => {
  const inits = ["echo", "throw at load", "echo"];
  const failing = {
    ...options(),
    get init() {
      return inits.pop()!;
    },
  };
  using workers = countWorkers();

  await rejects(createHosts(3, failing), { name: "EngineError", failure: "unavailable" });

  deepEqual([workers.started(), workers.ended()], [3, 3]);
});

/** Counts the Workers that start, and those that are ended, from here on. */
function countWorkers() {
  const Original = globalThis.Worker;
  const started = new Set<Worker>();
  const ended = new Set<Worker>();
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.add(this);
    }
    override terminate(): void {
      ended.add(this);
      super.terminate();
    }
  };
  return {
    started: () => started.size,
    ended: () => ended.size,
    [Symbol.dispose]: () => void (globalThis.Worker = Original),
  };
}
