/// <reference lib="dom" />
import type { TurnMetrics } from "@/web/events.ts";
import { type LatencyStage, latencyStages } from "@/web/latency.ts";
import { STAGE_NAMES } from "@/web/words.ts";

/** Where the parts of the chart go. */
export interface LatencyChartElements {
  /** Hidden until there is something to show. */
  readonly figure: HTMLElement;
  /** The whole wait as a number. */
  readonly total: HTMLElement;
  /** The stacked bar. */
  readonly bar: HTMLElement;
  /** A `dl` of the stages. */
  readonly stages: HTMLElement;
}

/** Shows how long a turn took, and which stage took how much of it. */
export function showLatency(
  elements: LatencyChartElements,
  metrics: TurnMetrics | undefined,
): void {
  const stages = metrics === undefined ? [] : latencyStages(metrics);
  const total = stages.at(-1)?.endMs;
  elements.figure.hidden = total === undefined;
  if (total === undefined) return;
  elements.total.textContent = milliseconds(total);
  elements.bar.replaceChildren(...stages.filter((stage) => stage.addedMs > 0).map(segment));
  elements.stages.replaceChildren(...stages.map(entry));
}

function segment({ name, addedMs }: LatencyStage): HTMLElement {
  const element = document.createElement("span");
  element.dataset.stage = name;
  element.style.flexGrow = String(addedMs);
  return element;
}

function entry({ name, addedMs }: LatencyStage): HTMLElement {
  const group = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  group.dataset.stage = name;
  term.textContent = STAGE_NAMES[name];
  value.textContent = milliseconds(addedMs);
  group.append(term, value);
  return group;
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}
