import type { FetchProgress } from "./fetch.ts";

/** What the display writes to: the standard error stream. */
export interface ProgressTarget {
  /** Whether lines can be redrawn. */
  isTerminal(): boolean;
  /** Writes at once. */
  writeSync(bytes: Uint8Array): number;
}

/** A display of what is being fetched. */
export interface ProgressDisplay {
  /** Shows how far a model has come. */
  readonly update: FetchProgress;
  /** Ends the line that is being drawn, if any. */
  end(): void;
}

/** Draws a line that grows on a terminal; elsewhere writes a line for every quarter of a model. */
export function terminalProgress(target: ProgressTarget): ProgressDisplay {
  const encoder = new TextEncoder();
  const write = (text: string) => target.writeSync(encoder.encode(text));
  const redraw = target.isTerminal();
  let last = "";
  let open = false;

  function update(model: string, received: number, total: number): void {
    const percent = Math.min(100, Math.floor(100 * received / total));
    const step = redraw ? percent : percent - percent % 25;
    const key = `${model} ${step}`;
    if (key === last) return;
    last = key;
    const line = `Fetching ${model}: ${megabytes(received)} of ${megabytes(total)} MB (${step} %)`;
    write(redraw ? `\r\x1b[K${line}${percent === 100 ? "\n" : ""}` : `${line}\n`);
    open = redraw && percent < 100;
  }

  function end(): void {
    if (open) write("\n");
    open = false;
  }

  return { update, end };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
