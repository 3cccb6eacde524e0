import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { EngineError, InvalidRequest } from "@/errors.ts";
import { errorResponse, failureOf } from "@/server/errors.ts";

Deno.test("an error has OpenAI's shape, a parameter or not", async () => {
  const response = errorResponse(404, {
    type: "invalid_request_error",
    code: "not_found",
    message: "There is no such thing.",
  }, { "x-more": "1" });

  equal(response.status, 404);
  equal(response.headers.get("x-more"), "1");
  deepEqual(await response.json(), {
    error: {
      type: "invalid_request_error",
      code: "not_found",
      message: "There is no such thing.",
      param: null,
    },
  });
});

Deno.test("a wrong request is a 400 that says what is wrong", () => {
  deepEqual(failureOf(new InvalidRequest("Too big.", { code: "invalid_value", param: "speed" })), {
    status: 400,
    error: {
      type: "invalid_request_error",
      code: "invalid_value",
      message: "Too big.",
      param: "speed",
    },
    headers: {},
  });
});

Deno.test("an engine's failure that may pass is a 503 that says when to come back", () => {
  const later = (retryAfterMs?: number) =>
    failureOf(new EngineError("", { engine: "x", failure: "overloaded", retryAfterMs }));

  equal(later().status, 503);
  equal(later().error.code, "engine_overloaded");
  equal(later().headers["retry-after"], "5");
  equal(later(1200).headers["retry-after"], "2");
});

Deno.test("any other failure is a 500 that tells no details", () => {
  const broken = failureOf(new EngineError("key abc", { engine: "x", failure: "rejected" }));
  const fault = failureOf(new Error("/etc/secret"));

  deepEqual([broken.status, broken.error.code], [500, "engine_rejected"]);
  deepEqual([fault.status, fault.error.code], [500, "internal_error"]);
  equal(/abc|secret/.test(JSON.stringify([broken, fault])), false);
});
