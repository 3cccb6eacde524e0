import { getLogger, type LogRecord, type Sink } from "@logtape/logtape";
import { ConfigError, EngineError } from "@/errors.ts";

/** An error without what it might give away. */
export interface DiscreetError {
  readonly name: string;
  /** Absent where somebody else wrote it: a parser quotes what it read, which may be what somebody said. */
  readonly message?: string;
  /** The system's word for it, e.g. `"ECONNREFUSED"`. */
  readonly code?: string;
  /** Where it arose, line by line. */
  readonly stack: readonly string[];
  readonly cause?: DiscreetError;
}

/**
 * Keeps what users say out of all lines above `debug`: of errors that are not ours the message is left out. Where
 * `debug` is logged too, a line of that level follows with all of it.
 */
export function discreet(sink: Sink): Sink {
  return (record) => {
    if (record.level === "debug" || record.level === "trace") return sink(record);
    const errors = Object.values(record.properties).filter((value) => value instanceof Error);
    if (errors.length === 0) return sink(record);
    sink({ ...record, ...withoutWords(record) });
    if (getLogger(record.category).isEnabledFor("debug")) sink({ ...record, level: "debug" });
  };
}

function withoutWords(
  { message, properties }: LogRecord,
): Pick<LogRecord, "message" | "properties"> {
  return {
    message: message.map((part) => part instanceof Error ? summary(discreetError(part)) : part),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        name,
        value instanceof Error ? discreetError(value) : value,
      ]),
    ),
  };
}

/** One line. */
function summary({ name, message, code, cause }: DiscreetError): string {
  const what = [name, ...(code === undefined ? [] : [`(${code})`])].join(" ");
  const own = message === undefined ? what : `${what}: ${message}`;
  return cause === undefined ? own : `${own}, because of ${summary(cause)}`;
}

/** Takes of an error what may be told. */
export function discreetError(error: Error): DiscreetError {
  const { name, message, stack = "", cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    name,
    ...(isTrusted(error) && { message }),
    ...(typeof code === "string" && /^[\w-]{1,40}$/.test(code) && { code }),
    stack: stack.split("\n").map((line) => line.trim()).filter((line) => /^at /.test(line)),
    ...(cause instanceof Error && { cause: discreetError(cause) }),
  };
}

/** Whether its message is known to repeat nobody's words: ours by contract, the system's by nature. */
function isTrusted(error: Error): boolean {
  return error instanceof EngineError || error instanceof ConfigError ||
    error instanceof DOMException || error.name in Deno.errors;
}
