import fc from "fast-check";
import { encodeSamples } from "@/audio/codec.ts";
import { tones } from "../fakes/scripted_synthesiser.ts";
import { WIRE_RATE } from "./voice_client.ts";

/** An event as a client writes it. */
export type ClientMessage = Record<string, unknown> & { readonly type?: unknown };

/** What must come of an event. */
export type Verdict =
  /** It is good: no error. */
  | "legal"
  /** It is wrong, whatever happened before: exactly one error. */
  | "illegal"
  /** That depends: one error, or none and its own answer. */
  | "either";

/** One thing that a client does. */
export type Step =
  | { readonly kind: "send"; readonly event: ClientMessage; readonly verdict: Verdict }
  /** The same, about the `index`th item or response that there was, counted around. */
  | {
    readonly kind: "sendAbout";
    readonly event: ClientMessage;
    readonly field: "item_id" | "previous_item_id" | "response_id";
    readonly index: number;
    readonly verdict: Verdict;
  }
  /** A frame that cannot carry an id. */
  | { readonly kind: "frame"; readonly frame: string }
  /** Waits until the server has caught up. */
  | { readonly kind: "pause" };

const PCM_24K = { type: "audio/pcm", rate: WIRE_RATE };

const silence = (ms: number) => new Uint8Array(ms * WIRE_RATE / 1000 * 2);

const words = fc.constantFrom("hello", "stop it", "call", "long", "fail", "mute", "a");

const legal = (event: ClientMessage): Step => ({ kind: "send", event, verdict: "legal" });
const illegal = (event: ClientMessage): Step => ({ kind: "send", event, verdict: "illegal" });
const either = (event: ClientMessage): Step => ({ kind: "send", event, verdict: "either" });

const append = (pcm: Uint8Array) =>
  legal({ type: "input_audio_buffer.append", audio: pcm.toBase64() });

/** A word aloud and enough silence to end a turn, or too little; sometimes cut within a sample. */
const speech = fc.record({
  word: words,
  silenceMs: fc.constantFrom(0, 100, 600),
  cut: fc.constantFrom(0, 1),
}).map(({ word, silenceMs, cut }) => {
  const voice = encodeSamples(tones(word, { sampleRate: WIRE_RATE, letterMs: 40 }), "pcm16");
  return append(Uint8Array.from([...voice, ...silence(silenceMs)]).subarray(cut));
});

const textItem = fc.record({
  text: words,
  role: fc.constantFrom("user", "system", "assistant"),
}).map(({ text, role }) => ({
  type: "message",
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
}));

const callItem = fc.constantFrom("call_1", "call_2").map((call_id) => ({
  type: "function_call",
  call_id,
  name: "look",
  arguments: "{}",
}));

const outputItem = fc.constantFrom("call_1", "call_2", "call_a", "call_none").map((call_id) => ({
  type: "function_call_output",
  call_id,
  output: "sun",
}));

const creation = fc.oneof(
  fc.oneof(textItem, callItem).map((item) => legal({ type: "conversation.item.create", item })),
  textItem.map((item) =>
    legal({ type: "conversation.item.create", item, previous_item_id: "root" })
  ),
  outputItem.map((item) => either({ type: "conversation.item.create", item })),
  fc.record({ item: textItem, id: fc.constantFrom("item_a", "item_b") }).map(({ item, id }) =>
    either({ type: "conversation.item.create", item: { ...item, id } })
  ),
  fc.record({ item: textItem, index: fc.nat(9) }).map(({ item, index }): Step => ({
    kind: "sendAbout",
    event: { type: "conversation.item.create", item },
    field: "previous_item_id",
    index,
    verdict: "either",
  })),
);

const aboutItem = fc.record({
  type: fc.constantFrom("retrieve", "retrieve", "delete", "truncate"),
  index: fc.nat(9),
  audio_end_ms: fc.constantFrom(0, 1, 40, 333.3, 1e6),
}).map(({ type, index, audio_end_ms }): Step => ({
  kind: "sendAbout",
  event: { type: `conversation.item.${type}`, content_index: 0, audio_end_ms },
  field: "item_id",
  index,
  verdict: "either",
}));

const response = fc.oneof(
  fc.constantFrom<ClientMessage>(
    {},
    {},
    { output_modalities: ["text"] },
    { output_modalities: ["audio"], audio: { output: { format: { type: "audio/pcmu" } } } },
    { max_output_tokens: 1, metadata: { a: "b" } },
    { input: [] },
  ).map((response) => either({ type: "response.create", response })),
  fc.constantFrom("text", "audio").map((modality) =>
    either({
      type: "response.create",
      response: { conversation: "none", output_modalities: [modality] },
    })
  ),
);

const cancel = fc.oneof(
  fc.constant(either({ type: "response.cancel" })),
  fc.nat(5).map((index): Step => ({
    kind: "sendAbout",
    event: { type: "response.cancel" },
    field: "response_id",
    index,
    verdict: "either",
  })),
);

const input = (fields: ClientMessage) => ({ audio: { input: fields } });

const update = fc.constantFrom<ClientMessage>(
  {},
  { output_modalities: ["text"] },
  { output_modalities: ["audio"] },
  { type: "transcription" },
  { tools: [{ type: "function", name: "look" }], tool_choice: "required" },
  input({ turn_detection: null }),
  input({ turn_detection: { type: "server_vad", silence_duration_ms: 200 } }),
  input({ turn_detection: { type: "server_vad", idle_timeout_ms: 100 } }),
  input({ turn_detection: { type: "server_vad", interrupt_response: false } }),
  input({ turn_detection: { type: "server_vad", create_response: false } }),
  input({ turn_detection: { type: "semantic_vad", eagerness: "high" } }),
  input({ transcription: null }),
  input({ transcription: { model: "any" } }),
  input({ noise_reduction: { type: "near_field" } }),
  input({ format: { type: "audio/pcmu" } }),
  input({ format: PCM_24K }),
).map((session) => legal({ type: "session.update", session: { type: "realtime", ...session } }));

const buffer = fc.oneof(
  speech,
  fc.nat(700).map((ms) => append(silence(ms))),
  fc.uint8Array({ maxLength: 2000 }).map(append),
  fc.constant(either({ type: "input_audio_buffer.commit" })),
  fc.constant(legal({ type: "input_audio_buffer.clear" })),
  fc.constant(legal({ type: "output_audio_buffer.clear" })),
);

/** Fields of any kind where others belong. Never a whole good event. */
const nonsense = fc.oneof(
  fc.record({
    type: fc.string({ maxLength: 20 }).map((name) => `x.${name}`),
    value: fc.jsonValue(),
  })
    .map(illegal),
  fc.jsonValue().filter((value) => typeof value !== "string").map((type) => illegal({ type })),
  fc.jsonValue().filter((value) => typeof value !== "string").map((audio) =>
    illegal({ type: "input_audio_buffer.append", audio })
  ),
  fc.jsonValue().map((value) =>
    illegal({ type: "conversation.item.create", item: { type: "message", role: value } })
  ),
  fc.jsonValue().map((value) => illegal({ type: "session.update", session: { tools: value } })),
  fc.constantFrom(
    illegal({ type: "conversation.item.retrieve", item_id: "item_none" }),
    illegal({ type: "conversation.item.delete", item_id: "item_none" }),
    illegal({ type: "conversation.item.truncate", item_id: "item_none" }),
    illegal({ type: "response.cancel", response_id: "resp_none" }),
    illegal({
      type: "response.create",
      response: { input: [{ type: "item_reference", id: "x" }] },
    }),
  ),
);

const frame = fc.oneof(
  fc.constantFrom("", "null", "[]", "{", '"a"', "1"),
  fc.string().map((text) => `?${text}`),
).map((frame): Step => ({ kind: "frame", frame }));

/** What a client may do in one session, good and bad, in any order. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: buffer, weight: 8 },
    { arbitrary: creation, weight: 4 },
    { arbitrary: response, weight: 4 },
    { arbitrary: update, weight: 3 },
    { arbitrary: aboutItem, weight: 3 },
    { arbitrary: cancel, weight: 2 },
    { arbitrary: nonsense, weight: 2 },
    { arbitrary: frame, weight: 1 },
    { arbitrary: fc.constant<Step>({ kind: "pause" }), weight: 3 },
  ),
  { minLength: 1, maxLength: 30 },
);
