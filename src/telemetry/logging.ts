import {
  configure,
  dispose,
  getStreamSink,
  getTextFormatter,
  jsonLinesFormatter,
  type TextFormatter,
} from "@logtape/logtape";

/** How to log. */
export interface LoggingOptions {
  /** Least severe messages that are logged. */
  readonly level: "debug" | "info" | "warning" | "error";
  /** `text` for people, `json` for one object a line. */
  readonly format: "text" | "json";
  /** Where the lines go. It stays open when logging ends. */
  readonly output: WritableStream<Uint8Array>;
}

const FORMATTERS: Readonly<Record<LoggingOptions["format"], TextFormatter>> = {
  text: getTextFormatter({
    timestamp: "time",
    level: "full",
    category: ".",
    value: (value, inspect) => typeof value === "string" ? value : inspect(value),
  }),
  json: jsonLinesFormatter,
};

/**
 * Sets logging up, once, for the whole process. Everything of ours logs below the category `["chatai"]`. What a
 * user says is never logged above `debug`.
 *
 * @returns what writes out the lines that still wait, and ends logging
 */
export async function configureLogging(
  { level, format, output }: LoggingOptions,
): Promise<AsyncDisposable> {
  const writer = output.getWriter();
  const lines = new WritableStream<Uint8Array>({
    write: (line) => writer.write(line),
    close: () => writer.releaseLock(),
  });
  await configure({
    reset: true,
    sinks: { output: getStreamSink(lines, { formatter: FORMATTERS[format] }) },
    loggers: [
      { category: "chatai", lowestLevel: level, sinks: ["output"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["output"] },
    ],
  });
  return { [Symbol.asyncDispose]: dispose };
}
