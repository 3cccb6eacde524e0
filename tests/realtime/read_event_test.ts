import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { InvalidRequest } from "@/errors.ts";
import { readEvent, readMessage } from "@/realtime/read_event.ts";

function problemOf(message: unknown): { code: string; param: string | null } {
  try {
    readEvent(readMessage(JSON.stringify(message)), "ga");
  } catch (error) {
    ok(error instanceof InvalidRequest);
    return { code: error.code, param: error.param };
  }
  throw new Error("no problem found");
}

const update = (session: unknown) => ({ type: "session.update", session });
const input = (fields: unknown) => update({ type: "realtime", audio: { input: fields } });
const create = (item: unknown) => ({ type: "conversation.item.create", item });
const say = (role: string, part: unknown) => create({ type: "message", role, content: [part] });

for (
  const [message, code, param] of [
    [{}, "missing_required_parameter", "type"],
    [{ type: 5 }, "missing_required_parameter", "type"],
    [{ type: "foo" }, "invalid_value", "type"],
    [{ type: "constructor" }, "invalid_value", "type"],
    [{ type: "__proto__" }, "invalid_value", "type"],
    [{ type: "transcription_session.update" }, "unsupported", "type"],
    [{ type: "response.cancel", event_id: 5 }, "invalid_type", "event_id"],
    [{ type: "input_audio_buffer.append" }, "missing_required_parameter", "audio"],
    [{ type: "input_audio_buffer.append", audio: 5 }, "invalid_type", "audio"],
    [{ type: "conversation.item.retrieve" }, "missing_required_parameter", "item_id"],
    [{ type: "session.update" }, "missing_required_parameter", "session"],
    [update(null), "invalid_type", "session"],
    [update({}), "missing_required_parameter", "session.type"],
    [update({ type: "x" }), "invalid_value", "session.type"],
    [input({ turn_detection: 5 }), "invalid_type", "session.audio.input.turn_detection"],
    [
      input({ turn_detection: {} }),
      "missing_required_parameter",
      "session.audio.input.turn_detection.type",
    ],
    [
      input({ turn_detection: { type: "x" } }),
      "invalid_value",
      "session.audio.input.turn_detection.type",
    ],
    [
      input({ turn_detection: { type: "server_vad", threshold: 2 } }),
      "invalid_value",
      "session.audio.input.turn_detection.threshold",
    ],
    [
      input({ format: { type: "audio/pcm", rate: 1 } }),
      "invalid_value",
      "session.audio.input.format.rate",
    ],
    [
      update({ type: "realtime", output_modalities: ["audio", "text"] }),
      "invalid_value",
      "session.output_modalities",
    ],
    [
      update({ type: "realtime", output_modalities: "audio" }),
      "invalid_type",
      "session.output_modalities",
    ],
    [
      update({ type: "realtime", max_output_tokens: 5000 }),
      "invalid_value",
      "session.max_output_tokens",
    ],
    [
      update({ type: "realtime", max_output_tokens: 1.5 }),
      "invalid_value",
      "session.max_output_tokens",
    ],
    [
      update({ type: "realtime", tools: [{ type: "function" }] }),
      "missing_required_parameter",
      "session.tools[0].name",
    ],
    [
      update({ type: "realtime", tool_choice: { type: "function" } }),
      "missing_required_parameter",
      "session.tool_choice.name",
    ],
    [
      update({ type: "realtime", audio: { output: { speed: 1.6 } } }),
      "invalid_value",
      "session.audio.output.speed",
    ],
    [
      update({ type: "realtime", audio: { output: { speed: 0.2 } } }),
      "invalid_value",
      "session.audio.output.speed",
    ],
    [
      update({ type: "realtime", audio: { output: { voice: 5 } } }),
      "invalid_type",
      "session.audio.output.voice",
    ],
    [
      input({ noise_reduction: { type: "x" } }),
      "invalid_value",
      "session.audio.input.noise_reduction.type",
    ],
    [
      input({ noise_reduction: { type: "near_field", strength: "much" } }),
      "invalid_type",
      "session.audio.input.noise_reduction.strength",
    ],
    [input({ transcription: "on" }), "invalid_type", "session.audio.input.transcription"],
    [
      input({ turn_detection: { type: "semantic_vad", eagerness: "x" } }),
      "invalid_value",
      "session.audio.input.turn_detection.eagerness",
    ],
    [update({ type: "realtime", temperature: "hot" }), "invalid_type", "session.temperature"],
    [
      update({ type: "realtime", parallel_tool_calls: 1 }),
      "invalid_type",
      "session.parallel_tool_calls",
    ],
    [update({ type: "realtime", reasoning: "low" }), "invalid_type", "session.reasoning"],
    [update({ type: "realtime", tool_choice: "x" }), "invalid_value", "session.tool_choice"],
    [create({}), "missing_required_parameter", "item.type"],
    [create({ type: "message" }), "missing_required_parameter", "item.role"],
    [say("user", { type: "text", text: "a" }), "invalid_value", "item.content[0].type"],
    [say("user", { type: "input_text" }), "missing_required_parameter", "item.content[0].text"],
    [say("assistant", { type: "input_text", text: "a" }), "invalid_value", "item.content[0].type"],
    [
      { type: "conversation.item.truncate", item_id: "a", content_index: -1, audio_end_ms: 0 },
      "invalid_value",
      "content_index",
    ],
    [
      { type: "response.create", response: { input: [{ type: "item_reference" }] } },
      "missing_required_parameter",
      "response.input[0].id",
    ],
    [
      { type: "response.create", response: { metadata: { k: 5 } } },
      "invalid_type",
      "response.metadata.k",
    ],
  ] as const
) {
  Deno.test(`${JSON.stringify(message)} is answered with ${code} at ${param}`, () => {
    deepEqual(problemOf(message), { code, param });
  });
}

for (
  const [text, code] of [
    ["{", "invalid_json"],
    ["", "invalid_json"],
    ["[]", "invalid_event"],
    ["null", "invalid_event"],
    ['"hello"', "invalid_event"],
  ] as const
) {
  Deno.test(`the message ${JSON.stringify(text)} is answered with ${code}`, () => {
    throws(() => readMessage(text), { code, param: null });
  });
}

Deno.test("a message of any depth is refused without an overflow of the stack", () => {
  const deep = `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;

  throws(() => readMessage(deep), { code: "invalid_event" });
});

for (
  const [fields, param] of [
    [{ type: "response.create", response: { input: [] } }, "response.input"],
    [update({ type: "realtime", tools: [] }), "session.tools"],
    [create({ content: [{}, { parts: [] }] }), "item.content[1].parts"],
  ] as const
) {
  Deno.test(`an array of more than 10,000 elements is refused by name, and one of so many is not: ${param}`, () => {
    const of = (length: number) =>
      JSON.stringify(fields).replace("[]", `[${Array(length).fill("0").join(",")}]`);

    readMessage(of(10_000));

    throws(() => readMessage(of(10_001)), { code: "invalid_event", param });
  });
}

const inArrays = (count: number) => ({ a: Array(count).fill(Array(99).fill(0)) });
const inAnObject = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 0]));

for (
  const [what, most, more] of [
    ["in arrays", inArrays(999), inArrays(1000)],
    ["in an object", inAnObject(100_000), inAnObject(100_001)],
  ] as const
) {
  Deno.test(`a message of more than 100,000 values is refused, and one of so many is not: ${what}`, () => {
    readMessage(JSON.stringify(most));

    throws(() => readMessage(JSON.stringify(more)), { code: "invalid_event", param: null });
  });
}

Deno.test("a long string is one value", () => {
  const message = { type: "input_audio_buffer.append", audio: "A".repeat(1_000_000) };

  const event = readEvent(readMessage(JSON.stringify(message)), "ga");

  deepEqual(event, message);
});

Deno.test("prototype keys are dropped, also where a client may write what it likes", () => {
  const message = readMessage(
    '{"type":"session.update","session":{"type":"realtime","__proto__":{"instructions":"x"},' +
      '"tracing":{"__proto__":{"y":1},"constructor":2}}}',
  );

  const event = readEvent(message, "ga");

  equal(
    JSON.stringify(event),
    '{"type":"session.update","session":{"type":"realtime","tracing":{"constructor":2}}}',
  );
  equal(({} as Record<string, unknown>).y, undefined);
});

Deno.test("unknown fields are ignored, in every event and at every depth", () => {
  const message = readMessage(JSON.stringify({
    type: "conversation.item.create",
    future: 1,
    item: {
      type: "message",
      role: "user",
      future: 2,
      content: [{ type: "input_text", text: "hi", future: 3 }],
    },
  }));

  const event = readEvent(message, "ga");

  deepEqual(event, {
    type: "conversation.item.create",
    item: { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
  });
});

Deno.test("an error repeats no more than a few of the client's own words", () => {
  throws(
    () => readEvent({ type: "x".repeat(1_000_000) }, "ga"),
    (error: Error) => error.message.length < 1000,
  );
  throws(
    () => readEvent(update({ type: "x".repeat(1_000_000) }), "ga"),
    (error: Error) => error.message.length < 1000,
  );
});

Deno.test("the answer to an unknown type lists the known ones", () => {
  throws(() => readEvent({ type: "foo" }, "ga"), /'session\.update'.*'response\.cancel'/);
});

Deno.test("a GA client may update its session in the beta dialect, where it names no type", () => {
  const event = readEvent(update({ turn_detection: null, instructions: "x" }), "ga");

  ok(event.type === "session.update");
  deepEqual(
    [event.session.type, event.session.instructions, event.session.audio?.input?.turn_detection],
    ["realtime", "x", null],
  );
});

for (
  const [session, param] of [
    [{ instructions: "x", temperature: 1 }, "session.type"],
    [{ type: "x", turn_detection: null }, "session.type"],
    [{ turn_detection: { type: "x" } }, "session.turn_detection.type"],
  ]
) {
  Deno.test(`of a GA client's ${JSON.stringify(session)} the field ${param} is wrong`, () => {
    equal(problemOf(update(session)).param, param);
  });
}

Deno.test("beta fields of a GA session are ignored like any unknown field", () => {
  const event = readEvent(update({ type: "realtime", voice: "awb" }), "ga");

  deepEqual(event, update({ type: "realtime" }));
});
