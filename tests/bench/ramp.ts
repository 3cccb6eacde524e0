import { distribution, percentile, type Row } from "./report.ts";

/** How much load is tried, and what it must bear. */
export interface RampOptions {
  /** What there are so many of, e.g. `"live microphones"`. */
  readonly what: string;
  /** What is measured of each, e.g. `"lag"`. */
  readonly figure: string;
  /** Loads to try, rising. The bar is among them. */
  readonly steps: readonly number[];
  /** How many there must be. */
  readonly bar: number;
  /** Measures at a load: values in ms. */
  readonly measure: (count: number) => Promise<number[]>;
  readonly log: (line: string) => void;
}

/** Figures above this are too slow, in ms. */
const LIMIT_MS = 100;

/**
 * Raises a load until the 99th percentile of a figure passes 100 ms. A step that fails is tried once more, since the
 * machine is not ours alone.
 */
export async function ramp(
  { what, figure, steps, bar, measure, log }: RampOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  let borne = 0;
  for (const count of steps) {
    let values = await measure(count);
    if (percentile(values, 99) >= LIMIT_MS) {
      log(`${count} ${what}: ${figure} p99 ${percentile(values, 99).toFixed(0)} ms; once more`);
      values = await measure(count);
    }
    log(`${count} ${what}: ${figure} p99 ${percentile(values, 99).toFixed(0)} ms`);
    rows.push(distribution(`  ${figure} with ${count} of them`, values));
    if (percentile(values, 99) >= LIMIT_MS) break;
    borne = count;
  }
  const runs = rows.reduce((sum, row) => sum + row.runs, 0);
  return [
    {
      what: `${what} at once, ${figure} p99 < ${LIMIT_MS} ms`,
      unit: "",
      runs,
      p50: borne,
      bar: { text: `≥ ${bar}`, met: borne >= bar },
    },
    ...rows,
  ];
}
