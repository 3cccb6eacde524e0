import { Gauge } from "@platformatic/prom-client";
import { METRICS } from "@/telemetry/metrics.ts";

/** A queue before an embedded model. A model may have several, one for each Worker. */
export interface WatchedQueue {
  readonly engine: string;
  /** Jobs that wait, and jobs that run. */
  depth(): number;
  /** Ms for which the oldest of those that a conversation waits for has waited; 0 when there is none. */
  age(): number;
}

/** Queues that have something to do. */
const busy = new Set<WatchedQueue>();

/** Engines that ever had something to do: idle ones are told too, as 0. */
const engines = new Set<string>();

/** Takes a queue into account, from its first job on. */
export function watchQueue(queue: WatchedQueue): void {
  busy.add(queue);
  engines.add(queue.engine);
}

/** Its last job is done. */
export function forgetQueue(queue: WatchedQueue): void {
  busy.delete(queue);
}

/** How far behind the embedded models of this process are: ms for which a conversation has waited for any of them. */
export function backlogMs(): number {
  return Math.max(0, ...[...busy].map((queue) => queue.age()));
}

function byEngine(
  gauge: Gauge<"engine">,
  read: (queues: readonly WatchedQueue[]) => number,
): void {
  for (const engine of engines) {
    gauge.set({ engine }, read([...busy].filter((queue) => queue.engine === engine)));
  }
}

new Gauge({
  name: "chatai_queue_depth",
  help: "Jobs that wait for an embedded model, or run.",
  labelNames: ["engine"],
  registers: [METRICS],
  collect() {
    byEngine(this, (queues) => queues.reduce((sum, queue) => sum + queue.depth(), 0));
  },
});

new Gauge({
  name: "chatai_queue_age_seconds",
  help: "How long the oldest job of a conversation has waited for an embedded model.",
  labelNames: ["engine"],
  registers: [METRICS],
  collect() {
    byEngine(this, (queues) => Math.max(0, ...queues.map((queue) => queue.age())) / 1000);
  },
});
