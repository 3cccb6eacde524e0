import { loadMoonshine } from "@/engines/asr/moonshine_model.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

serveJobs(loadMoonshine);
