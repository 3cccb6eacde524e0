import { deepStrictEqual as deepEqual, throws } from "node:assert/strict";
import { readTextEvent } from "@/engines/asr/openai/text_event.ts";

Deno.test("OpenAI's events are more of a text, and the whole of it", () => {
  const events = [
    { type: "transcript.text.delta", delta: "hel" },
    { type: "transcript.text.segment", id: "seg_1" },
    { type: "transcript.text.done", text: "hello", usage: {} },
  ];

  const read = events.map(readTextEvent);

  deepEqual(read, [[{ kind: "more", text: "hel" }], [], [{ kind: "whole", text: "hello" }]]);
});

Deno.test("vLLM's chunks are more of a text, and its end", () => {
  const object = "transcription.chunk";
  const events = [
    { object, choices: [{ delta: { content: "hel" } }] },
    { object, choices: [{ delta: { content: "lo" }, finish_reason: "stop" }] },
    { object, choices: [], usage: {} },
  ];

  const read = events.map(readTextEvent);

  deepEqual(read, [
    [{ kind: "more", text: "hel" }],
    [{ kind: "more", text: "lo" }, { kind: "end" }],
    [],
  ]);
});

Deno.test("an event of neither form is none", () => {
  throws(() => readTextEvent({ text: "a segment of faster-whisper" }), { name: "ZodError" });
});
