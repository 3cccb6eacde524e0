import { loadWhisper } from "@/engines/asr/whisper_model.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

serveJobs(loadWhisper);
