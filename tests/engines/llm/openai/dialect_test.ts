import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { APIError } from "openai";
import { createDialect, type Dialect } from "@/engines/llm/openai/dialect.ts";

const SHORT = { sent: 100, least: 50 };

function fresh(): Dialect {
  return createDialect({ limit: "max_tokens", budget: 1000 });
}

/** A refusal as the package tells it. */
function refusal(status: number, body: object): APIError {
  return APIError.generate(status, { error: body }, undefined, new Headers());
}

Deno.test("a field that a server refuses by name is sent no more, and the others are", () => {
  const dialect = fresh();
  // FastAPI's own form, as vLLM and others have it.
  const error = refusal(422, {
    detail: [{ type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs" }],
  });

  ok(dialect.learn(error, SHORT));

  equal(dialect.knows("stream_options"), false);
  equal(dialect.knows("reasoning_effort"), true);
  equal(dialect.learn(error, SHORT), false);
});

Deno.test("the limit of a reply gets its other name where the first is refused, and only once", () => {
  const dialect = fresh();
  const error = refusal(400, {
    message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    param: "max_tokens",
  });

  deepEqual([dialect.learn(error, SHORT), dialect.limit], [true, "max_completion_tokens"]);
  deepEqual([dialect.learn(error, SHORT), dialect.limit], [false, "max_completion_tokens"]);
});

Deno.test("after a prompt that was too long, shorter ones are sent, as long as there is history", () => {
  const complaints = {
    openai: refusal(400, { code: "context_length_exceeded", message: "too long" }),
    llamaCpp: refusal(500, { type: "exceed_context_size_error", message: "too long" }),
    vllm: refusal(400, { message: "This model's maximum context length is 4096 tokens." }),
  };

  for (const [server, error] of Object.entries(complaints)) {
    const dialect = fresh();
    deepEqual(
      [dialect.learn(error, { sent: 800, least: 50 }), dialect.budget],
      [true, 600],
      server,
    );
    deepEqual(
      [dialect.learn(error, { sent: 50, least: 50 }), dialect.budget],
      [false, 600],
      server,
    );
  }
});

Deno.test("other errors teach nothing", () => {
  const dialect = fresh();

  const learnt = [
    refusal(401, { message: "stream_options" }),
    refusal(500, { message: "stream_options" }),
    refusal(400, { message: "The model does not exist" }),
    new Error("context length"),
  ].map((error) => dialect.learn(error, SHORT));

  deepEqual(learnt, [false, false, false, false]);
  deepEqual([dialect.budget, dialect.limit, dialect.knows("stream_options")], [
    1000,
    "max_tokens",
    true,
  ]);
});
