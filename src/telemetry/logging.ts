import { AsyncLocalStorage } from "node:async_hooks";
import {
  configure,
  dispose,
  getStreamSink,
  getTextFormatter,
  jsonLinesFormatter,
  type LogRecord,
  type TextFormatter,
  withContext,
} from "@logtape/logtape";
import type { LogLevels } from "@/config/log_variables.ts";
import { discreet, type DiscreetError } from "@/telemetry/discreet_sink.ts";
import { withTraceIds } from "@/telemetry/trace_ids.ts";

/** How to log. */
export interface LoggingOptions {
  /** Least severe messages that are logged. */
  readonly levels: LogLevels;
  /** `text` for people, `json` for one object a line. */
  readonly format: "text" | "json";
  /** Where the lines go. It stays open when logging ends. */
  readonly output: WritableStream<Uint8Array>;
}

/** What a line belongs to, as far as it is known where the line is written. */
export interface LogContext {
  /** Of the HTTP request, that of a conversation's connection too. */
  readonly requestId?: string;
  readonly sessionId?: string;
  readonly itemId?: string | undefined;
  readonly responseId?: string;
}

/** Does work in all of whose lines, however deep and late they are written, the context stands. */
export function withLogContext<T>(context: LogContext, work: () => T): T {
  return withContext({ ...context }, work);
}

const CONTEXT: readonly (keyof LogContext | "traceId")[] = [
  "requestId",
  "sessionId",
  "itemId",
  "responseId",
  "traceId",
];

const FORMATTERS: Readonly<Record<LoggingOptions["format"], TextFormatter>> = {
  text: getTextFormatter({
    timestamp: "time",
    level: "full",
    category: ".",
    value: (value, inspect) => typeof value === "string" ? inOneLine(value) : inspect(value),
    format: ({ timestamp, level, category, message, record }) =>
      `${timestamp} [${level}] ${category}: ${message}${contextOf(message, record)}${
        stackOf(record)
      }`,
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
  { levels, format, output }: LoggingOptions,
): Promise<AsyncDisposable> {
  const writer = output.getWriter();
  const lines = new WritableStream<Uint8Array>({
    // whoever read it may be gone; to log that would fail too, and so on for ever
    write: (line) => writer.write(line).catch(() => {}),
    close: () => writer.releaseLock(),
  });
  const sink = getStreamSink(lines, { formatter: FORMATTERS[format] });
  await configure({
    reset: true,
    contextLocalStorage: new AsyncLocalStorage(),
    sinks: { output: withTraceIds(discreet(sink)) },
    loggers: [
      { category: "chatai", lowestLevel: levels.all, sinks: ["output"] },
      ...Object.entries(levels.categories).map(([category, lowestLevel]) => ({
        category: category.split("."),
        lowestLevel,
        sinks: ["output" as const],
        parentSinks: "override" as const,
      })),
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["output"] },
    ],
  });
  return {
    async [Symbol.asyncDispose]() {
      await dispose();
      await sink[Symbol.asyncDispose]();
    },
  };
}

/** A text from outside can neither begin a line of its own nor command a terminal. */
function inOneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What the message does not tell by itself. */
function contextOf(message: string, { properties }: LogRecord): string {
  return CONTEXT.filter((name) => properties[name] && !message.includes(String(properties[name])))
    .map((name) => ` ${name}=${properties[name]}`)
    .join("");
}

/** Of the error in a line, as {@linkcode discreet} leaves it. */
function stackOf({ properties }: LogRecord): string {
  const { stack = [] } = properties.error as Partial<DiscreetError> | undefined ?? {};
  return Array.isArray(stack) ? stack.map((line) => `\n    ${line}`).join("") : "";
}
