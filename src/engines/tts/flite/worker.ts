import { loadFlite } from "@/engines/tts/flite/load.ts";
import { serveJobs } from "@/inference/serve_jobs.ts";

serveJobs(loadFlite, { transfer: ({ samples }) => [samples.buffer] });
