import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { configure, getLogger, type LogRecord, reset } from "@logtape/logtape";
import { EngineError } from "@/errors.ts";
import { discreet, type DiscreetError } from "@/telemetry/discreet_sink.ts";

/** What comes out of the sink when an error is logged as an error. */
async function recordsOf(error: unknown, lowestLevel: "debug" | "info"): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: discreet((record) => records.push(record)) },
    loggers: [
      { category: "chatai", lowestLevel, sinks: ["records"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["records"] },
    ],
  });
  getLogger("chatai").error("It failed: {error}", { error });
  await reset();
  return records;
}

function syntaxError(): unknown {
  try {
    return JSON.parse("secret words");
  } catch (error) {
    return error;
  }
}

Deno.test("what others wrote into an error is left out of the log, and where it arose is not", async () => {
  const error = syntaxError();

  const [record, ...more] = await recordsOf(error, "info");

  const told = record!.properties.error as DiscreetError;
  match(String(error), /secret/);
  equal(more.length, 0);
  ok(!/secret/.test(JSON.stringify(record)));
  equal(told.name, "SyntaxError");
  ok(told.stack.some((line) => line.includes("discreet_sink_test.ts")));
});

Deno.test("an engine's error keeps its own message, and its cause's name", async () => {
  const cause = Object.assign(new TypeError("secret words"), { code: "ECONNREFUSED" });
  const error = new EngineError("edge cannot be reached", {
    engine: "edge",
    failure: "unavailable",
    cause,
  });

  const [record] = await recordsOf(error, "info");

  deepEqual(
    record!.message[1],
    "EngineError: edge cannot be reached, because of TypeError (ECONNREFUSED)",
  );
  ok(!/secret/.test(JSON.stringify(record)));
});

Deno.test("where debug is logged, all of an error follows at that level", async () => {
  const error = syntaxError();

  const records = await recordsOf(error, "debug");

  deepEqual(records.map(({ level }) => level), ["error", "debug"]);
  ok(!/secret/.test(JSON.stringify(records[0])));
  equal(records[1]!.properties.error, error);
});

Deno.test("the system's own errors are told whole", async () => {
  const error = await Deno.readTextFile("/no/such/file").catch((error) => error);

  const [record] = await recordsOf(error, "info");

  match(String(record!.message[1]), /NotFound.*No such file/);
});
