import { loadSilero, type SileroInit } from "@/engines/vad/silero_model.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

/** Silero whose WASM breaks at each 25th run. */
serveJobs(async (init: SileroInit) => {
  const model = await loadSilero(init);
  let runs = 0;
  return (batch: Parameters<typeof model>[0]) => {
    if (++runs % 25 === 0) throw new WebAssembly.RuntimeError("memory access out of bounds");
    return model(batch);
  };
});
