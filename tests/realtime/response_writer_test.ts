import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import type { FunctionCallItem } from "@/conversation/item.ts";
import { createClientWriter } from "@/realtime/client_writer.ts";
import { createEmit } from "@/realtime/encode.ts";
import { createOutbound } from "@/realtime/outbound.ts";
import { createResponseWriter } from "@/realtime/response_writer.ts";
import { checkEvents } from "../fakes/event_recorder.ts";
import { FakeSocket, openWire, PLAIN, responseHead, sessionView } from "./wire.ts";

const call: FunctionCallItem = {
  id: "item_call",
  object: "realtime.item",
  type: "function_call",
  status: "completed",
  call_id: "call_1",
  name: "weather",
  arguments: '{"city":"Oslo"}',
};

function openResponse(head = responseHead(), { binaryAudio = false } = {}) {
  const { socket, outbound } = openWire();
  const emit = createEmit(outbound, "ga");
  return { socket, response: createResponseWriter(head, { emit, outbound, binaryAudio }) };
}

Deno.test("a spoken response has the sequence of the protocol", () => {
  const { socket, response } = openResponse();

  response.message("item_1", null);
  response.text("Hello ");
  response.audio(new Float32Array([0, 0.5]));
  response.text("there.");
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types, [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio_transcript.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
  ]);
});

Deno.test("a written response has the sequence of the protocol", () => {
  const { socket, response } = openResponse(responseHead({ modality: "text" }));

  response.message("item_1", null);
  response.text("Hello ");
  response.text("there.");
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types, [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
  ]);
});

Deno.test("a call closes the message before it and follows at the next output index", () => {
  const { socket, response } = openResponse();

  response.message("item_1", null);
  response.text("Let me look.");
  response.call(call, "item_1");
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types.slice(5), [
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.output_item.added",
    "conversation.item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
  ]);
  const added = socket.frames[10] as { output_index: number; item: FunctionCallItem };
  equal(added.output_index, 1);
  deepEqual(added.item, { ...call, status: "in_progress", arguments: "" });
});

Deno.test("an out-of-band response adds no item to the conversation", () => {
  const { socket, response } = openResponse(responseHead({ conversationId: null }));

  response.message("item_1", null);
  response.text("Aside.");
  response.call(call, null);
  response.end({ status: "completed" }, undefined);

  deepEqual(socket.types.filter((type) => type.startsWith("conversation.")), []);
});

Deno.test("a cancelled response closes what is open as incomplete and says why", () => {
  const { socket, response } = openResponse();

  response.message("item_1", null);
  response.text("One two ");
  response.end({ status: "cancelled", reason: "turn_detected" }, undefined);

  const done = socket.frames.at(-1) as { response: Record<string, unknown> };
  deepEqual(done.response.status_details, { type: "cancelled", reason: "turn_detected" });
  deepEqual(done.response.output, [{
    id: "item_1",
    object: "realtime.item",
    type: "message",
    role: "assistant",
    status: "incomplete",
    content: [{ type: "output_audio", transcript: "One two " }],
  }]);
});

Deno.test("nothing follows response.done", () => {
  const { socket, response } = openResponse();
  response.end({ status: "completed" }, undefined);
  const before = socket.sent.length;

  response.message("item_1", null);
  response.text("late");
  response.audio(new Float32Array(4));
  response.call(call, null);
  response.end({ status: "completed" }, undefined);

  equal(socket.sent.length, before);
});

Deno.test("text and speech of no length are no events", () => {
  const { socket, response } = openResponse();
  response.message("item_1", null);
  const before = socket.sent.length;

  response.text("");
  response.audio(new Float32Array(0));

  equal(socket.sent.length, before);
});

Deno.test("speech is base64 of whole samples in the response's format", () => {
  const { socket, response } = openResponse();
  response.message("item_1", null);

  response.audio(new Float32Array([0.5, -1]));

  const { delta } = socket.frames.at(-1) as { delta: string };
  deepEqual([...Uint8Array.fromBase64(delta)], [0, 64, 0, 128]);
});

Deno.test("G.711 speech has one byte a sample", () => {
  const { socket, response } = openResponse(responseHead({ format: { type: "audio/pcmu" } }));
  response.message("item_1", null);

  response.audio(new Float32Array(3));

  const { delta } = socket.frames.at(-1) as { delta: string };
  deepEqual([...Uint8Array.fromBase64(delta)], [255, 255, 255]);
});

Deno.test("with binary audio the default response speaks in bare bytes, one out of band in base64", () => {
  const inBand = openResponse(responseHead(), { binaryAudio: true });
  const aside = openResponse(responseHead({ conversationId: null }), { binaryAudio: true });

  for (const { response } of [inBand, aside]) {
    response.message("item_1", null);
    response.audio(new Float32Array([0.5]));
  }

  deepEqual(inBand.socket.sent.at(-1), new Uint8Array([0, 64]));
  equal(aside.socket.types.at(-1), "response.output_audio.delta");
});

Deno.test("cancelling takes back the speech that has not reached the socket, and nothing else", () => {
  const socket = new FakeSocket();
  const outbound = createOutbound(socket, { onOverflow: () => {} });
  const emit = createEmit(outbound, "ga");
  const response = createResponseWriter(responseHead(), { emit, outbound, binaryAudio: false });
  response.message("item_1", null);
  socket.bufferedAmount = 1_000_000;
  response.text("Hello");
  response.audio(new Float32Array(100));

  response.end({ status: "cancelled", reason: "client_cancelled" }, undefined);
  outbound.close({ code: 1000, reason: "" });

  equal(socket.types.includes("response.output_audio.delta"), false);
  equal(socket.types.includes("response.output_audio_transcript.delta"), true);
  equal(socket.types.at(-1), "response.done");
});

Deno.test("usage is written with all its details, and null where nothing was counted", () => {
  const counted = openResponse();
  const uncounted = openResponse();

  counted.response.end({ status: "completed" }, {
    inputTokens: 10,
    outputTokens: 7,
    cachedTokens: 2,
  });
  uncounted.response.end({ status: "completed" }, undefined);

  const [a, b] = [counted, uncounted].map(({ socket }) =>
    (socket.frames.at(-1) as { response: { usage: unknown } }).response.usage
  );
  deepEqual(a, {
    total_tokens: 17,
    input_tokens: 10,
    output_tokens: 7,
    input_token_details: { text_tokens: 10, audio_tokens: 0, cached_tokens: 2 },
    output_token_details: { text_tokens: 7, audio_tokens: 0 },
  });
  equal(b, null);
});

Deno.test("no sequence of calls breaks the order of events", () => {
  const random = mulberry32(7);
  const pick = (n: number) => Math.floor(random() * n);
  for (let run = 0; run < 300; run++) {
    const { socket, outbound } = openWire();
    const client = createClientWriter(outbound, { ...PLAIN, binaryAudio: pick(2) === 0 });
    client.sessionCreated(sessionView(), undefined);
    const head = responseHead({
      modality: pick(2) === 0 ? "audio" : "text",
      conversationId: pick(3) === 0 ? null : "conv_1",
    });
    const response = client.openResponse(head);
    let items = 0;
    const steps = [
      () => response.message(`item_${items++}`, null),
      () => response.text(["", "word ", "日本"][pick(3)]!),
      () => response.audio(new Float32Array(pick(3))),
      () =>
        response.call({ ...call, id: `item_${items++}`, arguments: ["", "{}"][pick(2)]! }, null),
    ];

    for (let step = pick(12); step > 0; step--) steps[pick(steps.length)]!();
    response.end(
      { status: "failed", error: { type: "server_error", code: "x", message: "y" } },
      undefined,
    );
    for (let step = pick(3); step > 0; step--) steps[pick(steps.length)]!();

    checkEvents(socket.frames);
  }
});

/** A small random generator, so that a failure happens again: Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  return () => {
    seed = seed + 0x6D2B79F5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
