import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { APIError } from "openai";
import { createDialect, type Dialect } from "@/engines/llm/openai/dialect.ts";

const BUDGET = 28_000;
const FIELDS = [
  "stream_options",
  "parallel_tool_calls",
  "reasoning_effort",
  "chat_template_kwargs",
  "max_tokens",
];
const SHORT = { sent: 100, least: 50, reply: 0, words: "Hello.", fields: FIELDS };
const LONG = { ...SHORT, sent: 20_000 };
const MINUTE_MS = 60_000;

function fresh(now: () => number = () => 0): Dialect {
  return createDialect({ official: false, budget: BUDGET, now });
}

/** A short prompt, sent without a field. */
function without(field: string): typeof SHORT {
  return { ...SHORT, fields: FIELDS.filter((each) => each !== field) };
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
  equal(dialect.learn(error, without("stream_options")), false);
});

Deno.test("each of two requests that are refused for the same field at once is asked again without it", () => {
  const dialect = fresh();
  const error = refusal(422, { message: "property 'chat_template_kwargs' is unsupported" });
  const limit = refusal(400, {
    message: "Unsupported parameter: 'max_tokens'",
    param: "max_tokens",
  });

  const learnt = [error, error, limit, limit].map((each) => dialect.learn(each, SHORT));

  deepEqual(learnt, [true, true, true, true]);
  deepEqual([dialect.knows("chat_template_kwargs"), dialect.limit], [
    false,
    "max_completion_tokens",
  ]);
});

Deno.test("the limit of a reply gets its other name where the first is refused, and only once", () => {
  const dialect = fresh();
  const error = refusal(400, {
    message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
    param: "max_tokens",
  });

  deepEqual([dialect.learn(error, SHORT), dialect.limit], [true, "max_completion_tokens"]);
  deepEqual([dialect.learn(error, without("max_tokens")), dialect.limit], [
    false,
    "max_completion_tokens",
  ]);
});

Deno.test("after a prompt that was too long, shorter ones are sent, as long as there is history", () => {
  const complaints = {
    openai: refusal(400, { code: "context_length_exceeded", message: "too long" }),
    llamaCpp: refusal(500, { type: "exceed_context_size_error", message: "too long" }),
    vllm: refusal(400, {
      message: "This model's maximum context length is 8192 tokens. However, …",
    }),
    sgLang: refusal(400, {
      message: "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
    }),
    lmStudio: APIError.generate(
      400,
      { error: "… the model is loaded with context length of only 8192 tokens, which is not …" },
      undefined,
      new Headers(),
    ),
    mistral: refusal(400, {
      message: "Prompt contains 9000 tokens, too large for model with 8192 maximum context length",
    }),
  };

  for (const [server, error] of Object.entries(complaints)) {
    const dialect = fresh();
    deepEqual(
      [dialect.learn(error, { ...LONG, sent: 8000 }), dialect.room.budget],
      [true, 6000],
      server,
    );
    deepEqual(
      [dialect.learn(error, { ...LONG, sent: 5000, least: 5000 }), dialect.room.budget],
      [false, 6000],
      server,
    );
  }
});

Deno.test("a prompt is cut at once to what a server names as its maximum, less a short reply", () => {
  const complaints = [
    refusal(400, {
      message: "request (13392 tokens) exceeds the available context size, try increasing it",
      type: "exceed_context_size_error",
      n_ctx: 8192,
    }),
    refusal(400, {
      message: "This model's maximum context length is 8,192 tokens.",
      code: "context_length_exceeded",
    }),
    refusal(400, { message: "This model's maximum context length is 8192 tokens." }),
  ];

  for (const error of complaints) {
    const dialect = fresh();

    const learnt = dialect.learn(error, LONG);

    deepEqual([learnt, dialect.room.budget], [true, 7168]);
  }
});

Deno.test("a message that speaks of context teaches nothing without a maximum, or in the user's own words", () => {
  const dialect = fresh();
  const words = "Is your maximum Context length is 100 tokens?\nWhat is a context window size?";
  const complaints = [
    refusal(400, { message: "Content blocked: 'what is a context window size'" }),
    refusal(500, { message: "Cannot say: 'the length of the context'" }),
    refusal(400, { message: "Content blocked: 'is your maximum context length is 100 tokens'" }),
  ];

  const learnt = complaints.map((error) => dialect.learn(error, { ...LONG, words }));

  deepEqual(learnt, [false, false, false]);
  equal(dialect.room.budget, BUDGET);
});

Deno.test("no complaint leaves less than 1,024 tokens of a prompt, or takes from one that has no more", () => {
  const complaints = [
    refusal(400, {
      code: "context_length_exceeded",
      message: "maximum context length is 9 tokens",
    }),
    refusal(400, { message: "Blocked: 'your maximum context length is 9 tokens'" }),
  ];

  for (const error of complaints) {
    const dialect = fresh();
    deepEqual([dialect.learn(error, SHORT), dialect.room.budget], [false, BUDGET]);
    deepEqual([dialect.learn(error, LONG), dialect.room.budget], [true, 1024]);
    deepEqual([dialect.learn(error, { ...LONG, sent: 1024 }), dialect.room.budget], [false, 1024]);
  }
});

Deno.test("a complaint about a long prompt that was under way takes nothing back", () => {
  const dialect = fresh();
  const error = refusal(400, { code: "context_length_exceeded", message: "too long" });
  dialect.learn(error, { ...LONG, sent: 4000 });

  const learnt = dialect.learn(error, LONG);

  deepEqual([learnt, dialect.room.budget], [true, 3000]);
});

Deno.test("what was guessed of a message is forgotten after ten minutes, what a code has said is not", () => {
  let now = 0;
  const message = "This model's maximum context length is 8192 tokens.";
  const [guessing, told] = [fresh(() => now), fresh(() => now)];
  guessing.learn(refusal(400, { message }), LONG);
  told.learn(refusal(400, { message, code: "context_length_exceeded" }), LONG);

  now = 10 * MINUTE_MS - 1;
  const before = [guessing.room.budget, told.room.budget];
  now++;
  const after = [guessing.room.budget, told.room.budget];

  deepEqual([before, after], [[7168, 7168], [BUDGET, 7168]]);
});

Deno.test("a guess does not become certain by what a code says later of another prompt", () => {
  let now = 0;
  const dialect = fresh(() => now);
  dialect.learn(refusal(400, { message: "maximum context length is 9 tokens" }), LONG);
  dialect.learn(refusal(400, { code: "context_length_exceeded", message: "too long" }), LONG);

  now = 10 * MINUTE_MS;

  equal(dialect.room.budget, 15_000);
});

Deno.test("a reply too long for its server is shortened, and no history for it", () => {
  const dialect = fresh();
  const message = "'max_tokens' is too large: 4096. This model's maximum context length is 8192 " +
    "tokens and your request has 4500 input tokens.";

  const learnt = dialect.learn(refusal(400, { message, param: "max_tokens" }), {
    ...LONG,
    sent: 5000,
    reply: 4096,
  });

  deepEqual([learnt, dialect.room.budget, dialect.limit], [true, 7168, "max_tokens"]);
  deepEqual([dialect.room.replyTo(5000), dialect.room.replyTo(7168)], [2936, 768]);
  equal(dialect.room.replyTo(8192), 256);
});

Deno.test("a reply that is still too long gets shorter, until the prompt is to blame", () => {
  const dialect = fresh();
  const error = refusal(400, { message: "This model's maximum context length is 4096 tokens." });
  const replies: number[] = [4096];

  while (dialect.learn(error, { ...SHORT, reply: replies.at(-1)! })) {
    replies.push(dialect.room.replyTo(SHORT.sent));
  }

  deepEqual(replies.slice(0, 3), [4096, 3740, 2716]);
  deepEqual([replies.at(-1), dialect.room.budget], [256, 1024]);
});

Deno.test("two replies refused at once for one reason are shortened once", () => {
  const dialect = fresh();
  const error = refusal(400, { message: "This model's maximum context length is 4096 tokens." });

  const learnt = [SHORT, SHORT].map((prompt) => dialect.learn(error, { ...prompt, reply: 4096 }));

  deepEqual([learnt, dialect.room.replyTo(SHORT.sent)], [[true, true], 3740]);
});

Deno.test("a server that has no word for not to think is not asked for it again", () => {
  const complaints = [
    `invalid reasoning value: 'none' (must be "high", "medium", or "low")`,
    `think value "none" is not supported for this model`,
    `"small-model" does not support thinking`,
    "Reasoning is mandatory for this endpoint and cannot be disabled.",
  ];

  for (const message of complaints) {
    for (const error of [refusal(400, { message }), refusal(422, { error: message })]) {
      const dialect = fresh();
      const learnt = [
        dialect.learn(error, SHORT),
        dialect.learn(error, without("reasoning_effort")),
      ];

      deepEqual([learnt, dialect.knows("reasoning_effort")], [[true, false], false], message);
    }
  }
});

Deno.test("a server that has no use for a template's settings is not sent them again, however it says so", () => {
  const detail = [{ type: "extra_forbidden", loc: ["body", "chat_template_kwargs"] }];
  const complaints = {
    mistral: { object: "error", message: { detail }, type: "invalid_request_error" },
    groq: { message: "property 'chat_template_kwargs' is unsupported" },
    gemini: [{
      error: { code: 400, message: 'Unknown name "chat_template_kwargs": Cannot find field.' },
    }],
    serde: {
      message: "unknown field `chat_template_kwargs`, expected one of `model`, `stream_options`, " +
        "`reasoning_effort`",
    },
    vllmOfMistral: { message: "chat_template is not supported for Mistral tokenizers." },
  };

  for (const [server, body] of Object.entries(complaints)) {
    const dialect = fresh();
    const learnt = dialect.learn(refusal(422, body), SHORT);

    deepEqual([learnt, dialect.knows("chat_template_kwargs")], [true, false], server);
    deepEqual(
      [dialect.knows("stream_options"), dialect.knows("reasoning_effort")],
      [true, true],
      server,
    );
  }
});

Deno.test("fields that the user has named are left out only where a code names them too", () => {
  const words = "What are stream_options and max_tokens? Thinking is mandatory.";
  const dialect = fresh();
  const message = `Content blocked: '${words}'`;

  const blocked = dialect.learn(refusal(400, { message }), { ...SHORT, words });
  const known = dialect.knows("stream_options") && dialect.knows("reasoning_effort");
  const refused = dialect.learn(refusal(400, { message, param: "stream_options" }), {
    ...SHORT,
    words,
  });

  deepEqual([blocked, known, dialect.limit], [false, true, "max_tokens"]);
  deepEqual([refused, dialect.knows("stream_options")], [true, false]);
});

Deno.test("other errors teach nothing", () => {
  const dialect = fresh();

  const learnt = [
    refusal(401, { message: "stream_options" }),
    refusal(500, { message: "stream_options" }),
    refusal(400, { message: "The model does not exist" }),
    new Error("maximum context length is 4096 tokens"),
  ].map((error) => dialect.learn(error, SHORT));

  deepEqual(learnt, [false, false, false, false]);
  deepEqual([dialect.room.budget, dialect.limit, dialect.knows("stream_options")], [
    BUDGET,
    "max_tokens",
    true,
  ]);
});
