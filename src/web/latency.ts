import type { TurnMetrics } from "@/web/events.ts";

/** One stage of a turn on its way from the last word of the user to the first sound of the reply. */
export interface LatencyStage {
  /** What was reached. */
  readonly name: "endpoint" | "transcript" | "first_token" | "voice_to_voice";
  /** When the stage was over: ms from the last sample of speech. */
  readonly endMs: number;
  /** What it added to the wait, in ms; 0 when it ended while an earlier stage still ran. */
  readonly addedMs: number;
}

const STAGES = ["endpoint", "transcript", "first_token", "voice_to_voice"] as const;

/** The stages of a turn in order, so that the times they added make up the whole wait. */
export function latencyStages(metrics: TurnMetrics): LatencyStage[] {
  const stages: LatencyStage[] = [];
  let reached = 0;
  for (const name of STAGES) {
    const endMs = metrics[name];
    if (endMs === undefined) continue;
    stages.push({ name, endMs, addedMs: Math.max(0, endMs - reached) });
    reached = Math.max(reached, endMs);
  }
  return stages;
}
