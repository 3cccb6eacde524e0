import { z } from "zod";
import { splitList } from "@/config/values.ts";

/** How severe a line of the log is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Least severe lines that are logged. */
export interface LogLevels {
  readonly all: LogLevel;
  /** Of parts of the program, e.g. `"chatai.asr"`, where it is another. */
  readonly categories: Readonly<Record<string, LogLevel>>;
}

/** The parts of the program that log. */
export const LOG_CATEGORIES: readonly string[] = [
  "answer",
  "asr",
  "auth",
  "cache",
  "coqui",
  "engines",
  "facts",
  "hearing",
  "limits",
  "llm",
  "prewarm",
  "realtime",
  "secrets",
  "server",
  "session",
  "store",
  "tts",
].map((name) => `chatai.${name}`);

const LEVELS: readonly string[] = ["debug", "info", "warning", "error"] satisfies LogLevel[];

/** What operators say of the log. */
export const LOG_VARIABLES = {
  LOG_LEVEL: z.string().default("info").transform(readLevels).meta({
    description:
      "`debug`, `info`, `warning` or `error`; what users say is logged at `debug` at most. Parts may have their " +
      "own: `info,chatai.asr=debug`",
  }),
  LOG_FORMAT: z.enum(["text", "json"], "must be text or json").default("text").meta({
    description: "`json` for one object a line",
  }),
} as const;

function readLevels(text: string, context: z.RefinementCtx): LogLevels {
  const categories: Record<string, LogLevel> = {};
  let all: LogLevel = "info";
  for (const entry of splitList(text)) {
    const [level = "", category] = entry.split("=").map((part) => part.trim()).reverse();
    if (!LEVELS.includes(level)) {
      context.addIssue(`must be debug, info, warning or error, not "${level}"`);
    } else if (category === undefined) all = level as LogLevel;
    else if (LOG_CATEGORIES.includes(category)) categories[category] = level as LogLevel;
    else {
      context.addIssue(`there is no "${category}". Known ones: ${LOG_CATEGORIES.join(", ")}`);
    }
  }
  return { all, categories };
}
