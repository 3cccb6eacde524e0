import { EngineError } from "@/errors.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

/** A Worker for tests: does what each job says. `init` is a prefix of its answers, or a way to fail at load. */
serveJobs<string, string, string>((init) => {
  if (init === "throw at load") throw new Error("no such model");
  let jobs = 0;

  return Promise.resolve(async (job) => {
    jobs++;
    if (job === "count") return `${jobs}`;
    if (job === "refuse") {
      throw new EngineError("too long", { engine: "echo", failure: "rejected" });
    }
    if (job === "break") throw new RangeError("memory access out of bounds");
    if (job === "die") {
      setTimeout(() => {
        throw new Error("killed");
      });
      await new Promise(() => {});
    }
    if (job === "read outside") return Deno.readTextFileSync("/etc/hostname");
    return `${init} ${job}`;
  });
});
