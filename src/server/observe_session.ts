import { tap } from "rxjs";
import type { Facts } from "@/conversation/facts_stream.ts";
import { turnMetrics } from "@/conversation/turn_ledger.ts";
import { EngineError } from "@/errors.ts";
import type { SessionFact } from "@/facts.ts";
import {
  bargeIns,
  engineErrors,
  engineSwitches,
  responses,
  sessionsEnded,
  sessionsOpen,
  sessionsOpened,
  transcriptions,
  turnStages,
} from "@/telemetry/metrics.ts";

/** Counts a session, and all that happens in it, from its beginning to its end. */
export function observeSession(facts: Facts): void {
  sessionsOpen.inc();
  sessionsOpened.inc();
  facts.observe("metrics", (stream) => stream.pipe(tap(count)));
  facts.observe(
    "latency",
    (stream) =>
      turnMetrics(stream).pipe(tap(({ responseId: _, ...stages }) => {
        for (const [stage, ms] of Object.entries(stages)) {
          turnStages.observe({ stage: snakeCase(stage) }, ms / 1000);
        }
      })),
  );
}

function count(fact: SessionFact): void {
  switch (fact.kind) {
    case "transcribed":
      return transcriptions.inc({ outcome: fact.text === "" ? "empty" : "words" });
    case "transcriptionFailed":
      transcriptions.inc({ outcome: "failed" });
      return countError(fact.error);
    case "bargeIn":
      return bargeIns.inc();
    case "responseEnded":
      responses.inc({ status: fact.status });
      return countError(fact.error);
    case "engineSwitched":
      engineSwitches.inc({ from: fact.from, to: fact.to });
      return countError(fact.error);
    case "sessionEnded":
      sessionsOpen.dec();
      return sessionsEnded.inc({ reason: fact.reason });
  }
}

function countError(error: unknown): void {
  if (!(error instanceof EngineError)) return;
  engineErrors.inc({ engine: error.engine, failure: error.failure });
}

/** `firstToken` is `first_token` outside. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
