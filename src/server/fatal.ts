import { ConfigError, EngineError } from "@/errors.ts";

/**
 * Writes down what ended the process, as its log is written: text for people, or one JSON object. What somebody can
 * mend needs no stack.
 *
 * @param format `LOG_FORMAT` as it is, for what is wrong may be the environment itself.
 */
export function formatFatal(error: unknown, format: string | undefined): string {
  const explained = error instanceof ConfigError || error instanceof EngineError;
  if (format?.trim() !== "json") return explained ? error.message : Deno.inspect(error);
  return JSON.stringify({
    "@timestamp": new Date().toISOString(),
    level: "FATAL",
    message: error instanceof Error ? error.message : String(error),
    logger: "chatai",
    properties: error instanceof ConfigError
      ? { problems: error.problems }
      : explained
      ? {}
      : { error: Deno.inspect(error) },
  });
}
