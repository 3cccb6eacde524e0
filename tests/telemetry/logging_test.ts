import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import type { LogLevel, LogLevels } from "@/config/log_variables.ts";
import { METRICS } from "@/telemetry/metrics.ts";
import { outliveUnhandled } from "@/telemetry/unhandled.ts";
import { configureLogging, type LoggingOptions, withLogContext } from "@/telemetry/logging.ts";

/** Runs `work` with logging set up, and returns the lines it logged. */
async function linesOf(
  { categories = {}, ...options }: Pick<LoggingOptions, "format"> & {
    readonly level: LogLevel;
    readonly categories?: LogLevels["categories"];
  },
  work: () => void,
): Promise<string[]> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const text = new Response(readable).text();
  {
    await using _logging = await configureLogging({
      levels: { all: options.level, categories },
      format: options.format,
      output: writable,
    });
    work();
  }
  await writable.close(); // it is still open
  return (await text).split("\n").filter((line) => line !== "");
}

Deno.test("logging writes what is severe enough, with its category", async () => {
  const lines = await linesOf({ level: "info", format: "text" }, () => {
    getLogger(["chatai", "server"]).debug("too quiet");
    getLogger(["chatai", "server"]).info("Listening on {host}:{port}", { host: "::1", port: 8000 });
    getLogger(["elsewhere"]).error("not ours");
  });

  equal(lines.length, 1);
  match(lines[0]!, /info.*chatai\.server.*Listening on ::1:8000/);
});

Deno.test("what comes from outside begins no line of its own, and commands no terminal", async () => {
  const lines = await linesOf({ level: "info", format: "text" }, () => {
    getLogger("chatai").info("GET {path} failed", { path: "/\n[error] chatai: fake \x1b[31m" });
  });

  equal(lines.length, 1);
  match(lines[0]!, /GET \/\\u000a\[error\] chatai: fake \\u001b\[31m failed$/);
});

Deno.test("logging in JSON is one object a line, errors and line breaks included", async () => {
  const lines = await linesOf({ level: "debug", format: "json" }, () => {
    getLogger("chatai").error("It {what}: {error}", {
      what: "broke\nin two",
      error: new Deno.errors.NotFound("because"),
    });
    getLogger("chatai").debug("quiet");
  });

  const records = lines.map((line) => JSON.parse(line));
  deepEqual(records.map(({ level }) => level), ["ERROR", "DEBUG", "DEBUG"]); // all of the error is the second
  match(records[0].message, /broke/);
  match(JSON.stringify(records[0]), /because/);
});

Deno.test("a part of the program may have a level of its own, and what is below it too", async () => {
  const categories = { "chatai.asr": "debug", "chatai.store": "error" } as const;

  const lines = await linesOf({ level: "info", categories, format: "json" }, () => {
    getLogger(["chatai", "asr"]).debug("1");
    getLogger(["chatai", "asr", "deep"]).debug("2");
    getLogger(["chatai", "tts"]).debug("too quiet");
    getLogger(["chatai", "tts"]).info("3");
    getLogger(["chatai", "asr"]).info("4");
    getLogger(["chatai", "store"]).warn("too quiet");
  });

  deepEqual(lines.map((line) => JSON.parse(line).message), ["1", "2", "3", "4"]);
});

Deno.test("every line says what it belongs to, however late it is written, and says it once", async () => {
  const logger = getLogger(["chatai", "session"]);

  function work(): void {
    withLogContext({ requestId: "req-1" }, () => {
      logger.info("asked");
      withLogContext({ sessionId: "sess_1" }, () => {
        logger.info("spoken");
        logger.info("{sessionId} ended", { sessionId: "sess_1" });
      });
    });
    logger.info("elsewhere");
  }
  const [texts, records] = [
    await linesOf({ level: "info", format: "text" }, work),
    await linesOf({ level: "info", format: "json" }, work),
  ];

  deepEqual(texts.map((line) => line.replace(/^.*session: /, "")), [
    "asked requestId=req-1",
    "spoken requestId=req-1 sessionId=sess_1",
    "sess_1 ended requestId=req-1",
    "elsewhere",
  ]);
  deepEqual(records.map((line) => JSON.parse(line).properties), [
    { requestId: "req-1" },
    { requestId: "req-1", sessionId: "sess_1" },
    { requestId: "req-1", sessionId: "sess_1" },
    {},
  ]);
});

Deno.test("lines that nobody takes any more are dropped: the process goes on, and logs no failure to log", async () => {
  const writes: number[] = [];
  const output = new WritableStream<Uint8Array>({
    write({ length }) {
      writes.push(length);
      throw new Deno.errors.BrokenPipe("gone");
    },
  });
  using _unhandled = outliveUnhandled();
  {
    await using _logging = await configureLogging({
      levels: { all: "info", categories: {} },
      format: "text",
      output,
    });
    getLogger("chatai").info("first");
    getLogger("chatai").info("second");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }

  equal(writes.length, 1);
  equal(/chatai_unhandled_total\{.*\} [1-9]/.test(await METRICS.metrics()), false);
});
