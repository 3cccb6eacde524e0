/** What a figure has to be. */
export type Bar =
  /** At most so much at these percentiles. */
  | { readonly kind: "atMost"; readonly p50?: number; readonly p95?: number; readonly p99?: number }
  /** The one figure: at most so much. */
  | { readonly kind: "max"; readonly value: number }
  /** The one figure: at least so much. */
  | { readonly kind: "min"; readonly value: number };

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  /** How many values were taken. */
  readonly runs: number;
  /** The median, or the one figure. */
  readonly p50: number;
  readonly p95?: number;
  readonly p99?: number;
  /** The bar in words, and whether it was met. Absent where the row only explains another. */
  readonly bar?: { readonly text: string; readonly met: boolean };
}

/** How much to measure. */
export interface BenchOptions {
  /** Few runs: whether it works, not how well. */
  readonly quick: boolean;
  /** Told what is going on. */
  readonly log: (line: string) => void;
}

/** One measurement of the table. */
export interface Measurement {
  /** What is measured and how, for whoever reads the figures. */
  readonly method: string;
  readonly run: (options: BenchOptions) => Promise<Row[]>;
}

/** How a row is judged and written. */
export interface RowOptions {
  readonly unit?: string;
  readonly bar?: Bar;
}

/** A row of many values. */
export function distribution(
  what: string,
  values: readonly number[],
  { unit = "ms", bar }: RowOptions = {},
): Row {
  const [p50, p95, p99] = [50, 95, 99].map((p) => percentile(values, p)) as [
    number,
    number,
    number,
  ];
  return {
    what,
    unit,
    runs: values.length,
    p50,
    p95,
    p99,
    ...(bar && { bar: judge(bar, { p50, p95, p99 }) }),
  };
}

/** A row of one figure, made of so many runs. */
export function figure(
  what: string,
  value: number,
  { unit = "ms", bar, runs }: RowOptions & { readonly runs: number },
): Row {
  return { what, unit, runs, p50: value, ...(bar && { bar: judge(bar, { p50: value }) }) };
}

/** The value that `p` per cent of the values do not exceed: the nearest rank. NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p / 100 * sorted.length) - 1)] ?? NaN;
}

/** The rows as a table of plain text. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ["what", "runs", "p50", "p95", "p99", "", "bar", ""],
    ...rows.map((row) => [
      row.what,
      String(row.runs),
      round(row.p50),
      round(row.p95),
      round(row.p99),
      row.unit,
      row.bar?.text ?? "",
      row.bar === undefined ? "" : row.bar.met ? "met" : "MISSED",
    ]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const isText = (i: number) => i === 0 || i >= 5;
  return lines
    .map((line) =>
      line.map((cell, i) => isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
        .join("  ").trimEnd()
    )
    .join("\n");
}

function judge(
  bar: Bar,
  figures: { readonly p50: number; readonly p95?: number; readonly p99?: number },
): { text: string; met: boolean } {
  switch (bar.kind) {
    case "max":
      return { text: `≤ ${bar.value}`, met: figures.p50 <= bar.value };
    case "min":
      return { text: `≥ ${bar.value}`, met: figures.p50 >= bar.value };
    case "atMost": {
      const { kind: _, ...limits } = bar;
      const each = Object.entries(limits) as ["p50" | "p95" | "p99", number][];
      return {
        text: each.map(([p, limit]) => `${p} ≤ ${limit}`).join(", "),
        met: each.every(([p, limit]) => figures[p]! <= limit),
      };
    }
  }
}

function round(value: number | undefined): string {
  if (value === undefined) return "";
  return Math.abs(value) < 100 ? value.toFixed(1) : value.toFixed(0);
}
