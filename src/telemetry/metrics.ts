import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from "@platformatic/prom-client";

/**
 * Every instrument of the process, read by whoever asks for `/metrics`. Labels are bounded: names of engines,
 * kinds and outcomes, never anything that a caller brings.
 */
export const METRICS: Registry = new Registry();

const registers = [METRICS];

/** Stages of a turn last from some ms to some seconds. */
const TURN_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.5, 2, 3, 5, 10];

/** A run of a model lasts from half a ms (VAD) to seconds (an utterance of 25 s). */
const INFERENCE_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** Sessions that are open now. */
export const sessionsOpen: Gauge = new Gauge({
  name: "chatai_sessions",
  help: "Sessions that are open now.",
  registers,
});

/** Sessions that were opened or resumed. */
export const sessionsOpened: Counter = new Counter({
  name: "chatai_sessions_opened_total",
  help: "Sessions that were opened or resumed.",
  registers,
});

/** Sessions that ended, by reason. */
export const sessionsEnded: Counter<"reason"> = new Counter({
  name: "chatai_sessions_ended_total",
  help: "Sessions that ended, by reason.",
  labelNames: ["reason"],
  registers,
});

/** Calls that were not let in, by the code of the error; callers who are not known, by what is wrong. */
export const refusals: Counter<"reason"> = new Counter({
  name: "chatai_refusals_total",
  help: "Calls that were refused for want of a key, room or allowance, by reason.",
  labelNames: ["reason"],
  registers,
});

/** Utterances that were written down or not. */
export const transcriptions: Counter<"outcome"> = new Counter({
  name: "chatai_transcriptions_total",
  help: "Utterances, by whether they had words, had none, or could not be transcribed.",
  labelNames: ["outcome"],
  registers,
});

/** Responses that ended, by status. */
export const responses: Counter<"status"> = new Counter({
  name: "chatai_responses_total",
  help: "Responses that ended, by status.",
  labelNames: ["status"],
  registers,
});

/** Responses that a user interrupted. */
export const bargeIns: Counter = new Counter({
  name: "chatai_barge_ins_total",
  help: "Responses that the user interrupted by speaking.",
  registers,
});

/** How long the stages of a turn took. */
export const turnStages: Histogram<"stage"> = new Histogram({
  name: "chatai_turn_stage_seconds",
  help: "From the last sample of speech (text turns: from the request) to the end of a stage.",
  labelNames: ["stage"],
  buckets: TURN_SECONDS,
  registers,
});

/** Engines that gave way to the next of their list. */
export const engineSwitches: Counter<"from" | "to"> = new Counter({
  name: "chatai_engine_switches_total",
  help: "Pieces of work that one engine took over from another.",
  labelNames: ["from", "to"],
  registers,
});

/** Failures of engines. */
export const engineErrors: Counter<"engine" | "failure"> = new Counter({
  name: "chatai_engine_errors_total",
  help: "Failures of engines that a turn met, by engine and kind of failure.",
  labelNames: ["engine", "failure"],
  registers,
});

/** Runs of embedded models. */
export const inferenceRuns: Histogram<"engine"> = new Histogram({
  name: "chatai_inference_seconds",
  help: "One run of an embedded model: a batch of the VAD, a step of the recogniser, a sentence.",
  labelNames: ["engine"],
  buckets: INFERENCE_SECONDS,
  registers,
});

/** How long jobs waited for a model. */
export const queueWaits: Histogram<"engine"> = new Histogram({
  name: "chatai_queue_wait_seconds",
  help: "How long a job waited until its model was free.",
  labelNames: ["engine"],
  buckets: INFERENCE_SECONDS,
  registers,
});

/** Texts to be spoken, by whether their speech was there already. */
export const speechLookups: Counter<"outcome"> = new Counter({
  name: "chatai_speech_lookups_total",
  help:
    "Texts to be spoken: their speech was kept (hit), was just being made for another (shared), or had to be made (miss).",
  labelNames: ["outcome"],
  registers,
});

/** What goes over the wire of conversations. */
export const wireBytes: Counter<"direction"> = new Counter({
  name: "chatai_wire_bytes_total",
  help: "Length of WebSocket messages by direction: bytes of binary ones, UTF-16 units of text.",
  labelNames: ["direction"],
  registers,
});

/** What the store would not do. */
export const storeErrors: Counter = new Counter({
  name: "chatai_store_errors_total",
  help: "Reads and writes of the store that failed: of sessions, limits, keys.",
  registers,
});

/** What nobody caught. */
export const unhandled: Counter<"kind"> = new Counter({
  name: "chatai_unhandled_total",
  help: "Errors and rejections that nobody caught, and observers that failed: faults of ours.",
  labelNames: ["kind"],
  registers,
});

/**
 * What the system tells only to a process that may do everything; without that they would read 0. What Node tells of
 * the event loop's lag is left out as well: under Deno 2.9.6 it stays near 0 whatever happens.
 */
const UNKNOWN = [
  "process_resident_memory_bytes",
  "process_virtual_memory_bytes",
  "process_heap_bytes",
  "process_open_fds",
  "process_max_fds",
  "nodejs_active_resources",
  "nodejs_active_resources_total",
  "nodejs_active_handles",
  "nodejs_active_handles_total",
  "nodejs_active_requests",
  "nodejs_active_requests_total",
];

/** Adds what is known of the process itself: CPU and memory. Call once. */
export function collectProcessMetrics(): void {
  collectDefaultMetrics({ register: METRICS });
  for (const { name } of METRICS.getMetricsAsArray()) {
    if (UNKNOWN.includes(name) || name.startsWith("nodejs_eventloop_lag")) {
      METRICS.removeSingleMetric(name);
    }
  }
  new Gauge({
    name: "chatai_resident_memory_bytes",
    help: "Memory of the process with all its Workers.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
}
