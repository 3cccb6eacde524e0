import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { getLogger } from "@logtape/logtape";
import { configureLogging, type LoggingOptions } from "@/telemetry/logging.ts";

/** Runs `work` with logging set up, and returns the lines it logged. */
async function linesOf(
  options: Pick<LoggingOptions, "level" | "format">,
  work: () => void,
): Promise<string[]> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const text = new Response(readable).text();
  {
    await using _logging = await configureLogging({ ...options, output: writable });
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

Deno.test("logging in JSON is one object a line, errors and line breaks included", async () => {
  const lines = await linesOf({ level: "debug", format: "json" }, () => {
    getLogger("chatai").error("It {what}: {error}", {
      what: "broke\nin two",
      error: new Error("because"),
    });
    getLogger("chatai").debug("quiet");
  });

  const records = lines.map((line) => JSON.parse(line));
  deepEqual(records.map(({ level }) => level), ["ERROR", "DEBUG"]);
  match(records[0].message, /broke/);
  match(JSON.stringify(records[0]), /because/);
});
