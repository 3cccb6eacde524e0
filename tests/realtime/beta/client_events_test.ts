import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { InvalidRequest } from "@/errors.ts";
import { readEvent } from "@/realtime/read_event.ts";

function problemOf(message: Record<string, unknown>) {
  try {
    readEvent(message, "beta");
  } catch (error) {
    ok(error instanceof InvalidRequest);
    return error;
  }
  throw new Error("no problem found");
}

const update = (session: unknown) => ({ type: "session.update", session });
const respond = (response: unknown) => ({ type: "response.create", response });
const say = (role: string, part: unknown) => ({
  type: "conversation.item.create",
  item: { type: "message", role, content: [part] },
});

Deno.test("every field of a beta session becomes the field of GA", () => {
  const event = readEvent(
    update({
      modalities: ["text", "audio"],
      instructions: "Be brief.",
      voice: "awb",
      speed: 1.2,
      input_audio_format: "g711_ulaw",
      output_audio_format: "pcm16",
      input_audio_transcription: { model: "whisper-1" },
      input_audio_noise_reduction: { type: "near_field" },
      turn_detection: null,
      tools: [{ type: "function", name: "f" }],
      tool_choice: "required",
      temperature: 0.7,
      max_response_output_tokens: 4096,
      tracing: "auto",
    }),
    "beta",
  );

  deepEqual(event, {
    type: "session.update",
    session: {
      type: "realtime",
      instructions: "Be brief.",
      output_modalities: ["audio"],
      tools: [{ type: "function", name: "f" }],
      tool_choice: "required",
      max_output_tokens: 4096,
      temperature: 0.7,
      tracing: "auto",
      audio: {
        input: {
          format: { type: "audio/pcmu" },
          transcription: { model: "whisper-1" },
          noise_reduction: { type: "near_field" },
          turn_detection: null,
        },
        output: { format: { type: "audio/pcm", rate: 24000 }, voice: "awb", speed: 1.2 },
      },
    },
  });
});

for (
  const [modalities, ga] of [
    [["text"], ["text"]],
    [["audio", "text"], ["audio"]],
    [["text", "audio"], ["audio"]],
    [null, null],
  ] as const
) {
  Deno.test(`the modalities ${JSON.stringify(modalities)} are ${JSON.stringify(ga)} in GA`, () => {
    const event = readEvent(update({ modalities }), "beta");

    ok(event.type === "session.update");
    deepEqual(event.session.output_modalities, ga);
  });
}

Deno.test("a format at a rate that the beta dialect has no name for is written as in GA", () => {
  const format = { type: "audio/pcm", rate: 16000 };

  const event = readEvent(update({ input_audio_format: format }), "beta");

  ok(event.type === "session.update");
  deepEqual(event.session.audio?.input?.format, format);
});

Deno.test("a transcription session is updated by an event of its own", () => {
  const event = readEvent({
    type: "transcription_session.update",
    session: {
      input_audio_format: "pcm16",
      input_audio_transcription: { model: "whisper-1", language: "en" },
      include: ["item.input_audio_transcription.logprobs"],
    },
  }, "beta");

  deepEqual(event, {
    type: "session.update",
    session: {
      type: "transcription",
      include: ["item.input_audio_transcription.logprobs"],
      audio: {
        input: {
          format: { type: "audio/pcm", rate: 24000 },
          transcription: { model: "whisper-1", language: "en" },
          noise_reduction: undefined,
          turn_detection: undefined,
        },
      },
    },
  });
});

Deno.test("a response is asked for by the beta names", () => {
  const event = readEvent(
    respond({
      modalities: ["text"],
      voice: "awb",
      output_audio_format: "g711_alaw",
      max_response_output_tokens: 10,
      temperature: 1,
      conversation: "none",
      metadata: { a: "b" },
      input: [
        { type: "item_reference", id: "x" },
        { type: "message", role: "assistant", content: [{ type: "text", text: "Hi." }] },
      ],
    }),
    "beta",
  );

  deepEqual(event, {
    type: "response.create",
    response: {
      instructions: undefined,
      output_modalities: ["text"],
      tools: undefined,
      tool_choice: undefined,
      temperature: 1,
      max_output_tokens: 10,
      audio: { output: { format: { type: "audio/pcma" }, voice: "awb" } },
      metadata: { a: "b" },
      conversation: "none",
      input: [
        { type: "item_reference", id: "x" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hi." }] },
      ],
    },
  });
});

for (
  const [role, part, ga] of [
    ["assistant", { type: "text", text: "Hi." }, { type: "output_text", text: "Hi." }],
    ["assistant", { type: "audio", transcript: "Hi." }, {
      type: "output_audio",
      transcript: "Hi.",
    }],
    ["user", { type: "input_text", text: "Hi." }, { type: "input_text", text: "Hi." }],
    ["system", { type: "input_text", text: "Hi." }, { type: "input_text", text: "Hi." }],
  ] as const
) {
  Deno.test(`what is said by ${role} as ${part.type} is ${ga.type} in GA`, () => {
    deepEqual(readEvent(say(role, part), "beta"), say(role, ga));
  });
}

for (
  const event of [
    { type: "response.create" },
    { type: "response.create", response: null },
    { type: "response.cancel", response_id: "resp_1" },
    { type: "input_audio_buffer.append", audio: "AAAA" },
    { type: "conversation.item.truncate", item_id: "a", content_index: 0, audio_end_ms: 5 },
  ]
) {
  Deno.test(`${JSON.stringify(event)} is the same in both dialects`, () => {
    equal(JSON.stringify(readEvent(event, "beta")), JSON.stringify(readEvent(event, "ga")));
  });
}

for (
  const [message, code, param] of [
    [update({ turn_detection: { type: "x" } }), "invalid_value", "session.turn_detection.type"],
    [
      update({ turn_detection: { type: "server_vad", threshold: 2 } }),
      "invalid_value",
      "session.turn_detection.threshold",
    ],
    [update({ input_audio_format: "mp3" }), "invalid_value", "session.input_audio_format"],
    [update({ output_audio_format: 5 }), "invalid_type", "session.output_audio_format"],
    [update({ modalities: ["audio"] }), "invalid_value", "session.modalities"],
    [update({ modalities: "text" }), "invalid_type", "session.modalities"],
    [update({ modalities: ["video"] }), "invalid_value", "session.modalities[0]"],
    [update({ speed: 9 }), "invalid_value", "session.speed"],
    [
      update({ max_response_output_tokens: 5000 }),
      "invalid_value",
      "session.max_response_output_tokens",
    ],
    [
      update({ input_audio_transcription: 5 }),
      "invalid_type",
      "session.input_audio_transcription",
    ],
    [update({ tools: [{ type: "x" }] }), "invalid_value", "session.tools[0].type"],
    [
      respond({ output_audio_format: "mp3" }),
      "invalid_value",
      "response.output_audio_format",
    ],
    [respond({ modalities: [] }), "invalid_value", "response.modalities"],
    [say("assistant", { type: "output_text", text: "" }), "invalid_value", "item.content[0].type"],
    [say("user", { type: "text", text: "" }), "invalid_value", "item.content[0].type"],
    [{ type: "transcription_session.update" }, "missing_required_parameter", "session"],
    [{ type: "conversation.item.created" }, "invalid_value", "type"],
  ] as const
) {
  Deno.test(`${JSON.stringify(message)} is answered with ${code} at ${param}, as it was written`, () => {
    const problem = problemOf(message);

    deepEqual([problem.code, problem.param], [code, param]);
    ok(!/output_modalities|audio\.(input|output)/.test(problem.message));
  });
}

Deno.test("the answer to an unknown format lists the names of the beta dialect", () => {
  const { message } = problemOf(update({ input_audio_format: "mp3" }));

  ok(message.includes("'pcm16', 'g711_ulaw', 'g711_alaw'"), message);
});

Deno.test("the answer to an unknown type lists the types of the beta dialect", () => {
  ok(problemOf({ type: "foo" }).message.includes("'transcription_session.update'"));
});
