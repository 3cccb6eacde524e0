import type { SileroAnswer } from "@/engines/vad/silero_batch.ts";
import { loadSilero } from "@/engines/vad/silero_model.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

serveJobs(loadSilero, {
  transfer: ({ probabilities, state }: SileroAnswer) => [probabilities.buffer, state.buffer],
});
