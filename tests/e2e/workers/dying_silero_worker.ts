import { loadSilero, type SileroInit } from "@/engines/vad/silero_model.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

/** Runs after which it dies: the end of a sentence of 2 s. */
const LIFE = 60;

/** Silero that dies of an error which no job of it waits for. */
serveJobs(async (init: SileroInit) => {
  const model = await loadSilero(init);
  let runs = 0;
  return (batch: Parameters<typeof model>[0]) => {
    if (++runs === LIFE) {
      setTimeout(() => {
        throw new Error("killed from inside");
      });
    }
    return model(batch);
  };
});
