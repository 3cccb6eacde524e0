import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { ConfigError, EngineError } from "@/errors.ts";
import { formatFatal } from "@/server/fatal.ts";

const problems = [{ variable: "PORT", message: "is in use" }, { variable: "TTS", message: "?" }];

Deno.test("what somebody can mend is written for people without a stack, and a fault with its stack", () => {
  const refusal = formatFatal(new ConfigError(problems), undefined);
  const fault = formatFatal(new Error("a fault"), "text");

  equal(refusal, "Cannot start with this environment:\n  PORT: is in use\n  TTS: ?");
  match(fault, /^Error: a fault\n +at /);
});

for (
  const [what, error, properties] of [
    ["a wrong environment", new ConfigError(problems), { problems }],
    ["an engine", new EngineError("It\nis gone", { engine: "x", failure: "unavailable" }), {}],
  ] as const
) {
  Deno.test(`with LOG_FORMAT=json, ${what} that ends the process is one object on one line`, () => {
    const line = formatFatal(error, " json ");

    const { "@timestamp": at, ...entry } = JSON.parse(line);
    equal(line.split("\n").length, 1);
    match(at, /^\d{4}-.*Z$/);
    deepEqual(entry, { level: "FATAL", message: error.message, logger: "chatai", properties });
  });
}

Deno.test("with LOG_FORMAT=json, a fault keeps its stack, on the same line", () => {
  const line = formatFatal(new Error("a fault"), "json");

  equal(line.split("\n").length, 1);
  match(JSON.parse(line).properties.error, /\n +at /);
});
