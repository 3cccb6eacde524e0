import { deepStrictEqual as deepEqual, strictEqual as equal, throws } from "node:assert/strict";
import { defaultSettings, type SessionSettings } from "@/conversation/settings.ts";
import { toSessionObject } from "@/realtime/session_object.ts";
import { applySessionUpdate, SessionPatch } from "@/realtime/session_update.ts";

function patch(session: Record<string, unknown>): SessionPatch {
  return SessionPatch.parse({ type: "realtime", ...session });
}

function settings(): SessionSettings {
  return defaultSettings({ model: "any", instructions: "Be kind.", voice: "slt" });
}

Deno.test("an update without fields leaves every setting as it is", () => {
  const before = settings();

  const after = applySessionUpdate(before, patch({ audio: { input: {}, output: {} } }));

  deepEqual(after, before);
});

Deno.test("an update changes its fields and no others, at any depth", () => {
  const after = applySessionUpdate(
    settings(),
    patch({ instructions: "Be brief.", audio: { output: { speed: 1.2 } } }),
  );

  const expected = settings();
  deepEqual(after, {
    ...expected,
    instructions: "Be brief.",
    audio: { ...expected.audio, output: { ...expected.audio.output, speed: 1.2 } },
  });
});

Deno.test("an update leaves the settings it was given untouched", () => {
  const before = settings();

  applySessionUpdate(
    before,
    patch({ instructions: "x", audio: { input: { format: { type: "audio/pcmu" } } } }),
  );

  deepEqual(before, settings());
});

Deno.test("turn detection is replaced as a whole, and its defaults are filled in", () => {
  const tuned = applySessionUpdate(
    settings(),
    patch({ audio: { input: { turn_detection: { type: "server_vad", threshold: 0.9 } } } }),
  );

  const after = applySessionUpdate(
    tuned,
    patch({
      audio: { input: { turn_detection: { type: "server_vad", silence_duration_ms: 200 } } },
    }),
  );

  deepEqual(after.audio.input.turn_detection, {
    type: "server_vad",
    threshold: 0.5,
    prefix_padding_ms: 300,
    silence_duration_ms: 200,
    idle_timeout_ms: null,
    create_response: true,
    interrupt_response: true,
  });
});

Deno.test("a format without a rate is 24 kHz", () => {
  const after = applySessionUpdate(
    settings(),
    patch({ audio: { input: { format: { type: "audio/pcm" } } } }),
  );

  deepEqual(after.audio.input.format, { type: "audio/pcm", rate: 24000 });
});

Deno.test("null turns off turn detection, transcription and noise reduction", () => {
  const on = applySessionUpdate(
    settings(),
    patch({
      audio: { input: { transcription: { model: "x" }, noise_reduction: { type: "far_field" } } },
    }),
  );

  const after = applySessionUpdate(
    on,
    patch({
      audio: { input: { turn_detection: null, transcription: null, noise_reduction: null } },
    }),
  );

  const { turn_detection, transcription, noise_reduction } = after.audio.input;
  deepEqual([turn_detection, transcription, noise_reduction], [null, null, null]);
  deepEqual(on.audio.input.transcription, { model: "x" });
});

for (const empty of [{ instructions: "", tools: [] }, { instructions: null, tools: null }]) {
  Deno.test(`${JSON.stringify(empty)} clears instructions and tools`, () => {
    const full = applySessionUpdate(
      settings(),
      patch({ tools: [{ type: "function", name: "f" }] }),
    );

    const after = applySessionUpdate(full, patch(empty));

    deepEqual([after.instructions, after.tools], ["", []]);
  });
}

Deno.test("null brings back the default of a field that cannot be empty", () => {
  const changed = applySessionUpdate(
    settings(),
    patch({
      tool_choice: "none",
      max_output_tokens: 5,
      output_modalities: ["text"],
      tracing: "auto",
    }),
  );

  const after = applySessionUpdate(
    changed,
    patch({ tool_choice: null, max_output_tokens: null, output_modalities: null, tracing: null }),
  );

  deepEqual(after, settings());
});

Deno.test("the model cannot change", () => {
  equal(applySessionUpdate(settings(), patch({ model: "other" })).model, "any");
});

Deno.test("a voice may be an object with its id", () => {
  const after = applySessionUpdate(
    settings(),
    patch({ audio: { output: { voice: { id: "awb" } } } }),
  );

  equal(after.audio.output.voice, "awb");
});

Deno.test("a tool that the server would have to run itself is refused", () => {
  const session = patch({
    tools: [{ type: "function", name: "f" }, { type: "mcp", server_label: "x" }],
  });

  throws(() => applySessionUpdate(settings(), session), {
    code: "unsupported",
    param: "session.tools[1].type",
  });
});

Deno.test("the session that agents-realtime asks for is accepted whole", () => {
  const after = applySessionUpdate(
    settings(),
    patch({
      instructions: "",
      model: "gpt-realtime",
      output_modalities: ["audio"],
      tracing: "auto",
      tool_choice: "auto",
      audio: {
        input: {
          format: { type: "audio/pcm", rate: 24000 },
          noise_reduction: null,
          transcription: { model: "gpt-4o-mini-transcribe" },
          turn_detection: { type: "semantic_vad" },
        },
        output: { format: { type: "audio/pcm", rate: 24000 }, voice: "ash", speed: 1 },
      },
    }),
  );

  equal(after.tracing, "auto");
  deepEqual(after.audio.input.turn_detection, {
    type: "semantic_vad",
    eagerness: "auto",
    create_response: true,
    interrupt_response: true,
  });
});

const SPARE = {
  reasoning: { effort: "low" },
  parallel_tool_calls: false,
  temperature: 0.7,
  tracing: { workflow_name: "w" },
  truncation: { type: "retention_ratio", retention_ratio: 0.8 },
  prompt: { id: "p" },
  include: ["item.input_audio_transcription.logprobs"],
};

Deno.test("what no engine uses is kept all the same, and shown to the client", () => {
  const after = applySessionUpdate(settings(), patch(SPARE));
  const later = applySessionUpdate(after, patch({ instructions: "x" }));

  const shown = toSessionObject({ id: "a", conversationId: "b", settings: later, expiresAt: 1 });
  for (const [name, value] of Object.entries(SPARE)) {
    deepEqual((shown as Record<string, unknown>)[name], value);
  }
});

Deno.test("null clears what no engine uses", () => {
  const full = applySessionUpdate(settings(), patch(SPARE));
  const nothing = Object.fromEntries(Object.keys(SPARE).map((name) => [name, null]));

  deepEqual(applySessionUpdate(full, patch(nothing)), settings());
});

Deno.test("noise reduction keeps its strength until another is named", () => {
  const input = (noise_reduction: unknown) => patch({ audio: { input: { noise_reduction } } });
  const on = applySessionUpdate(settings(), input({ type: "near_field", strength: 0.5 }));

  const moved = applySessionUpdate(on, input({ type: "far_field" }));
  const stronger = applySessionUpdate(moved, input({ type: "far_field", strength: 1 }));

  deepEqual(moved.audio.input.noise_reduction, { type: "far_field", strength: 0.5 });
  deepEqual(stronger.audio.input.noise_reduction, { type: "far_field", strength: 1 });
});

Deno.test("a session that comes to only listen transcribes, unless it is told not to", () => {
  const off = { audio: { input: { transcription: null } } };

  const listening = applySessionUpdate(settings(), patch({ type: "transcription" }));
  const deaf = applySessionUpdate(settings(), patch({ type: "transcription", ...off }));
  const muted = applySessionUpdate(listening, patch({ type: "transcription", ...off }));
  const stillMuted = applySessionUpdate(muted, patch({ type: "transcription" }));

  const transcriptions = [listening, deaf, muted, stillMuted]
    .map(({ audio: { input } }) => input.transcription);
  deepEqual(transcriptions, [{}, null, null, null]);
});

for (
  const [name, audio] of [
    ["server VAD", { input: { turn_detection: { type: "server_vad" } } }],
    ["semantic VAD", { input: { turn_detection: { type: "semantic_vad", eagerness: "low" } } }],
    ["G.711 µ-law in", { input: { format: { type: "audio/pcmu" } } }],
    ["G.711 A-law out", { output: { format: { type: "audio/pcma" } } }],
    ["PCM at 16 kHz", { input: { format: { type: "audio/pcm", rate: 16000 } } }],
    ["transcription", { input: { transcription: { model: "any", language: "en", delay: "low" } } }],
    ["speed", { output: { speed: 0.25 } }],
  ] as const
) {
  Deno.test(`${name} is kept as it is asked for, with all defaults filled in`, () => {
    const { audio: after } = applySessionUpdate(settings(), patch({ audio }));

    const again = applySessionUpdate(settings(), patch({ audio: after })).audio;
    for (const [side, fields] of Object.entries(audio)) {
      for (const [field, value] of Object.entries(fields)) {
        const kept = (after as Record<string, Record<string, unknown>>)[side]?.[field];
        deepEqual(typeof value === "object" ? { ...kept as object, ...value } : value, kept);
      }
    }
    deepEqual(again, after);
  });
}
