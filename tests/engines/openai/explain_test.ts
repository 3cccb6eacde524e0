import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { z } from "zod";
import { explainOpenAiError } from "@/engines/openai/explain.ts";
import type { EngineError } from "@/errors.ts";

function explain(error: unknown): EngineError {
  return explainOpenAiError(error, "http://localhost:1234");
}

/** An answer with a status, as the package tells it. */
function refusal(
  status: number | undefined,
  { headers = {}, ...error }: { headers?: Record<string, string>; [field: string]: unknown } = {},
): APIError {
  return status === undefined
    ? new APIError(undefined, error, undefined, new Headers())
    : APIError.generate(status, { error }, undefined, new Headers(headers));
}

Deno.test("each error of the package is one of our failures", () => {
  const failures = {
    rejected: [400, 404, 422].map((status) => refusal(status)),
    denied: [401, 402, 403].map((status) => refusal(status)),
    overloaded: [refusal(429), refusal(503)],
    timeout: [refusal(408), refusal(504), new APIConnectionTimeoutError()],
    unavailable: [
      refusal(500),
      refusal(502),
      refusal(undefined, { code: "server_error" }),
      new APIConnectionError({ message: "Connection error." }),
      new TypeError("error reading a body from connection"),
    ],
    malformed: [new SyntaxError("Unexpected token"), z.string().safeParse(1).error],
  };

  for (const [failure, errors] of Object.entries(failures)) {
    for (const error of errors) equal(explain(error).failure, failure, Deno.inspect(error));
  }
});

Deno.test("an account without money is not let in, and not busy", () => {
  equal(explain(refusal(429, { code: "insufficient_quota" })).failure, "denied");
});

Deno.test("the time until the next try is read in seconds or as a date", () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();

  const [seconds, date, none, odd] = ["15", inAnHour, undefined, "soon"].map((value) =>
    explain(refusal(429, { headers: value === undefined ? {} : { "retry-after": value } }))
      .retryAfterMs
  );

  deepEqual([seconds, none, odd], [15_000, undefined, undefined]);
  ok(date! > 3_500_000 && date! <= 3_600_000, String(date));
});

Deno.test("the message has the server, its status and its codes, and none of its prose", () => {
  const error = explain(refusal(400, {
    message: "Bad value 'call my doctor'",
    code: "unsupported_value",
    param: "call my doctor",
    type: "invalid_request_error",
  }));

  equal(
    error.message,
    "openai at http://localhost:1234 answered 400 (unsupported_value, invalid_request_error)",
  );
  equal(error.cause, undefined);
});

Deno.test("a server that cannot be reached is named with the reason", () => {
  const cause = new TypeError(
    "error sending request for url (http://localhost:1234/v1/models): client error (Connect): " +
      "tcp connect error: Connection refused (os error 111)",
  );

  equal(
    explain(new APIConnectionError({ message: "Connection error.", cause })).message,
    "openai at http://localhost:1234 cannot be reached: Connection refused (os error 111)",
  );
});
