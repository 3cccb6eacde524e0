import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { ScriptedSession } from "../fakes/scripted_session.ts";
import { type FastServer, startFastServer } from "../realtime/fast_server.ts";
import { greet, serveRealtime } from "../realtime/realtime_server.ts";
import { answer, ask, eventsOf, ofType } from "./turns.ts";
import { connect, type VoiceClient } from "./voice_client.ts";

const EVENT_ID = "agents_js_response_create_7";

/** One way to be wrong, and what the protocol (its section 6) answers. */
interface Wrong {
  readonly what: string;
  /** What the client did before. */
  readonly before?: (client: VoiceClient) => Promise<unknown>;
  /** As it goes over the wire; an object gets an `event_id`. */
  readonly frame: string | Uint8Array<ArrayBuffer> | Record<string, unknown>;
  readonly code: string;
  readonly param: string | null;
  readonly message?: RegExp;
}

function message(text: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "message",
    role: "user",
    content: [{ type: "input_text", text }],
    ...fields,
  };
}

const create = (item: unknown, fields: Record<string, unknown> = {}) => ({
  type: "conversation.item.create",
  item,
  ...fields,
});

const update = (session: Record<string, unknown>) => ({
  type: "session.update",
  session: { type: "realtime", ...session },
});

const detect = (turn_detection: unknown) => update({ audio: { input: { turn_detection } } });

const respond = (response: unknown) => ({ type: "response.create", response });

const truncate = (fields: Record<string, unknown>) => ({
  type: "conversation.item.truncate",
  item_id: "item_spoken",
  content_index: 0,
  audio_end_ms: 0,
  ...fields,
});

/** Objects within objects. */
function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}

/** The assistant has said something aloud, in `item_spoken`, and a user's item is there too. */
async function spoken(client: VoiceClient): Promise<void> {
  client.send(create(message("Hi", { id: "item_written" })));
  client.send({ type: "response.create", response: { output_modalities: ["audio"] } });
  await answer(client);
}

async function endless(client: VoiceClient): Promise<void> {
  client.send({ type: "response.create", response: { instructions: "endless" } });
  await client.next(ofType("response.created"));
}

const WRONGS: readonly Wrong[] = [
  { what: "no JSON", frame: "hello", code: "invalid_json", param: null },
  { what: "nothing", frame: "", code: "invalid_json", param: null },
  { what: "half of an object", frame: '{"type":"resp', code: "invalid_json", param: null },
  { what: "an array", frame: "[]", code: "invalid_event", param: null },
  { what: "null", frame: "null", code: "invalid_event", param: null },
  { what: "a string", frame: '"response.create"', code: "invalid_event", param: null },
  {
    what: "a binary frame",
    frame: new Uint8Array([1, 2]),
    code: "invalid_event",
    param: null,
    message: /\?audio=binary/,
  },
  {
    what: "nesting without an end",
    frame: `{"type":"response.create","response":${nested(100_000)}}`,
    code: "invalid_event",
    param: null,
  },
  { what: "no type", frame: {}, code: "missing_required_parameter", param: "type" },
  {
    what: "a type that is no string",
    frame: { type: 7 },
    code: "missing_required_parameter",
    param: "type",
  },
  {
    what: "an unknown type",
    frame: { type: "sing" },
    code: "invalid_value",
    param: "type",
    message: /'response\.create'/,
  },
  {
    what: "the type of a prototype",
    frame: { type: "__proto__" },
    code: "invalid_value",
    param: "type",
  },
  {
    what: "the type of a constructor",
    frame: { type: "constructor" },
    code: "invalid_value",
    param: "type",
  },
  {
    what: "a beta event",
    frame: { type: "transcription_session.update", session: {} },
    code: "unsupported",
    param: "type",
  },

  ...[
    [{ type: "session.update" }, "session"],
    [{ type: "session.update", session: {} }, "session.type"],
    [{ type: "input_audio_buffer.append" }, "audio"],
    [{ type: "conversation.item.create" }, "item"],
    [create({}), "item.type"],
    [create({ type: "message", content: [] }), "item.role"],
    [create({ type: "message", role: "user" }), "item.content"],
    [create(message("", { content: [{ type: "input_text" }] })), "item.content[0].text"],
    [create({ type: "function_call_output", output: "" }), "item.call_id"],
    [create({ type: "function_call_output", call_id: "a" }), "item.output"],
    [create({ type: "function_call", arguments: "{}" }), "item.name"],
    [{ type: "conversation.item.retrieve" }, "item_id"],
    [{ type: "conversation.item.delete" }, "item_id"],
    [truncate({ item_id: undefined }), "item_id"],
    [truncate({ content_index: undefined }), "content_index"],
    [truncate({ audio_end_ms: undefined }), "audio_end_ms"],
    [update({ tools: [{ type: "function" }] }), "session.tools[0].name"],
    [detect({}), "session.audio.input.turn_detection.type"],
    [respond({ input: [{ type: "item_reference" }] }), "response.input[0].id"],
  ].map(([frame, param]) => ({
    what: `a missing ${param}`,
    frame: frame as Record<string, unknown>,
    code: "missing_required_parameter",
    param: param as string,
  })),

  ...[
    [{ type: "session.update", session: "x" }, "session"],
    [{ type: "input_audio_buffer.append", audio: 1 }, "audio"],
    [create([]), "item"],
    [create(message("", { content: {} })), "item.content"],
    [create(message("", { content: [{ type: "input_text", text: 1 }] })), "item.content[0].text"],
    [create(message("Hi"), { previous_item_id: 1 }), "previous_item_id"],
    [{ type: "conversation.item.retrieve", item_id: {} }, "item_id"],
    [truncate({ audio_end_ms: "soon" }), "audio_end_ms"],
    [update({ instructions: 1 }), "session.instructions"],
    [update({ tools: {} }), "session.tools"],
    [detect(true), "session.audio.input.turn_detection"],
    [respond(1), "response"],
    [respond({ metadata: { a: 1 } }), "response.metadata.a"],
    [{ type: "response.cancel", response_id: 1 }, "response_id"],
  ].map(([frame, param]) => ({
    what: `a ${param} of the wrong type`,
    frame: frame as Record<string, unknown>,
    code: "invalid_type",
    param: param as string,
  })),

  ...[
    [{ type: "input_audio_buffer.append", audio: "~" }, "audio"],
    [create({ type: "poem" }), "item.type"],
    [create({ type: "message", role: "god", content: [] }), "item.role"],
    [create(message("", { content: [{ type: "smell" }] })), "item.content[0].type"],
    [create(message("", { id: "" })), "item.id"],
    [create(message("", { id: "x".repeat(257) })), "item.id"],
    [create(message("", { id: "root" })), "item.id"],
    [truncate({ audio_end_ms: -1 }), "audio_end_ms"],
    [truncate({ content_index: 0.5 }), "content_index"],
    [detect({ type: "psychic" }), "session.audio.input.turn_detection.type"],
    [detect({ type: "server_vad", threshold: 2 }), "session.audio.input.turn_detection.threshold"],
    [
      detect({ type: "semantic_vad", eagerness: "wild" }),
      "session.audio.input.turn_detection.eagerness",
    ],
    [
      update({ audio: { input: { format: { type: "audio/ogg" } } } }),
      "session.audio.input.format.type",
    ],
    [
      update({ audio: { output: { format: { type: "audio/pcm", rate: 1 } } } }),
      "session.audio.output.format.rate",
    ],
    [update({ audio: { output: { speed: 9 } } }), "session.audio.output.speed"],
    [update({ output_modalities: ["text", "audio"] }), "session.output_modalities"],
    [update({ max_output_tokens: 0 }), "session.max_output_tokens"],
    [update({ tool_choice: "perhaps" }), "session.tool_choice"],
    [respond({ conversation: "other" }), "response.conversation"],
    [
      respond({
        metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, "v"])),
      }),
      "response.metadata",
    ],
  ].map(([frame, param]) => ({
    what: `a ${param} of no sense: ${JSON.stringify(frame).slice(0, 80)}`,
    frame: frame as Record<string, unknown>,
    code: "invalid_value",
    param: param as string,
  })),

  {
    what: "a tool of the server's own",
    frame: update({ tools: [{ type: "mcp", server_label: "x" }] }),
    code: "unsupported",
    param: "session.tools[0].type",
  },
  {
    what: "an image",
    frame: create(message("", { content: [{ type: "input_image", image_url: "data:," }] })),
    code: "unsupported",
    param: "item.content[0].type",
  },
  {
    what: "a commit of nothing",
    frame: { type: "input_audio_buffer.commit" },
    code: "input_audio_buffer_commit_empty",
    param: null,
  },
  {
    what: "a commit of 90 ms",
    before: (client) => Promise.resolve(client.pour(new Uint8Array(90 * 48))),
    frame: { type: "input_audio_buffer.commit" },
    code: "input_audio_buffer_commit_empty",
    param: null,
  },
  {
    what: "a second response",
    before: endless,
    frame: { type: "response.create" },
    code: "conversation_already_has_active_response",
    param: null,
  },
  {
    what: "a cancel without a response",
    frame: { type: "response.cancel" },
    code: "response_cancel_not_active",
    param: null,
  },
  {
    what: "a cancel of another response",
    before: endless,
    frame: { type: "response.cancel", response_id: "resp_other" },
    code: "response_cancel_not_active",
    param: null,
  },
  ...["retrieve", "delete", "truncate"].map((verb) => ({
    what: `an unknown item to ${verb}`,
    frame: truncate({ type: `conversation.item.${verb}`, item_id: "item_none" }),
    code: `item_${verb}_invalid_item_id`,
    param: "item_id",
  })),
  {
    what: "an unknown place",
    frame: create(message("Hi"), { previous_item_id: "item_none" }),
    code: "item_create_invalid_previous_item_id",
    param: "previous_item_id",
  },
  {
    what: "an id that is taken",
    before: spoken,
    frame: create(message("Hi", { id: "item_written" })),
    code: "item_create_duplicate_id",
    param: "item.id",
  },
  {
    what: "an output without a call",
    frame: create({ type: "function_call_output", call_id: "call_x", output: "1" }),
    code: "item_create_invalid_call_id",
    param: "item.call_id",
  },
  {
    what: "an item too large to be remembered",
    frame: create(message("x".repeat(800_000))),
    code: "item_too_large",
    param: "item",
  },
  {
    what: "instructions of more than 256 KiB",
    frame: {
      type: "session.update",
      session: { type: "realtime", instructions: "x".repeat(262_145) },
    },
    code: "invalid_value",
    param: "session.instructions",
  },
  {
    what: "a truncation of what the user wrote",
    before: spoken,
    frame: truncate({ item_id: "item_written" }),
    code: "invalid_value",
    param: "item_id",
  },
];

/** Says `Hello.`, or something without an end. */
async function startServer(): Promise<FastServer> {
  return await startFastServer({
    async *reply({ instructions, messages }, { signal }) {
      yield { kind: "text", text: messages.length > 0 ? "Yes." : "Hello." };
      if (instructions === "endless") {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
      yield { kind: "end", reason: "stop" };
    },
  });
}

async function send(client: VoiceClient, frame: Wrong["frame"]): Promise<void> {
  if (typeof frame === "string" || frame instanceof Uint8Array) client.socket.send(frame);
  else client.send({ ...frame, event_id: EVENT_ID });
  await client.next(ofType("error"));
  await client.settled();
}

Deno.test("every wrong event has one error with its code, its field and its id, and the session goes on", async (test) => {
  await using server = await startServer();

  for (const { what, before, frame, code, param, message } of WRONGS) {
    await test.step(what, async () => {
      await using client = await connect({
        url: server.url,
        session: { output_modalities: ["text"] },
      });
      await before?.(client);
      const settings = eventsOf(client, "session.updated").at(-1)!.session;

      await send(client, frame);
      const errors = eventsOf(client, "error").map(({ error }) => error);
      const after = eventsOf(client, "session.updated").at(-1)!.session;
      if (before === endless) {
        const from = client.received.length;
        client.send({ type: "response.cancel" });
        await client.next(ofType("response.done"), from);
      }
      const { done, reply } = await ask(client, "Still there?");

      const { message: said, ...error } = errors[0];
      equal(errors.length, 1);
      deepEqual(error, {
        type: "invalid_request_error",
        code,
        param,
        event_id: typeof frame === "string" || frame instanceof Uint8Array ? null : EVENT_ID,
      });
      ok(said.length > 0 && !said.includes("undefined"), said);
      if (message) match(said, message);
      deepEqual(after, settings);
      equal(done.response.status, "completed");
      equal(reply, "Yes.");
    });
  }
});

Deno.test("a truncation beyond what was sent is refused, one to its end is not", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.url });
  await spoken(client);
  const [item] = eventsOf(client, "response.done")[0]!.response.output;
  const audioMs = 4 * 40; // "Yes."

  client.send(truncate({ item_id: item.id, audio_end_ms: audioMs }));
  client.send(truncate({ item_id: item.id, audio_end_ms: audioMs + 2, event_id: "past" }));
  client.send(truncate({ item_id: item.id, content_index: 1, event_id: "part" }));
  await client.settled();

  deepEqual(
    eventsOf(client, "error").map(({ error }) => [error.event_id, error.code, error.param]),
    [["past", "invalid_value", "audio_end_ms"], ["part", "invalid_value", "content_index"]],
  );
  equal(eventsOf(client, "conversation.item.truncated").length, 1);
});

Deno.test("keys of prototypes harm nobody, and neither do fields that nobody knows", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.url, session: { output_modalities: ["text"] } });
  const evil = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';

  client.socket.send(`{"type":"session.update","session":{"type":"realtime","tracing":${evil}}}`);
  client.socket.send(
    `{"type":"response.create","response":{"metadata":{"__proto__":"x","a":"b"}}}`,
  );
  const { done } = await answer(client);
  client.send({ type: "input_audio_buffer.clear", colour: "red", __proto__: null });
  await client.next(ofType("input_audio_buffer.cleared"));

  equal(({} as Record<string, unknown>).polluted, undefined);
  deepEqual(done.response.metadata, { a: "b" });
  equal(eventsOf(client, "error").length, 0);
});

Deno.test("nesting that is deep but bounded, and values that are long, are taken", async () => {
  await using server = await startServer();
  await using client = await connect({ url: server.url, session: { output_modalities: ["text"] } });

  client.socket.send(
    `{"type":"session.update","session":{"type":"realtime","tracing":${nested(90)}}}`,
  );
  client.send(update({ instructions: "x".repeat(262_144) }));
  client.send(create(message("y".repeat(500_000))));
  const { done } = await ask(client, "Still there?");

  equal(eventsOf(client, "error").length, 0);
  equal(eventsOf(client, "session.updated").length, 3);
  equal(done.response.status, "completed");
});

Deno.test("a fault of the server's own is told as such, without details, with the client's id", async () => {
  const session = new ScriptedSession({
    retrieveItem() {
      throw new Error("secret of /srv/chatai");
    },
  });
  await using server = serveRealtime({ open: greet(session) });
  await using client = await connect({ url: server.url, session: null });

  client.send({ type: "conversation.item.retrieve", item_id: "a", event_id: EVENT_ID });
  const { error } = await client.next(ofType("error"));

  deepEqual(error, {
    type: "server_error",
    code: "internal_error",
    message: "The server failed to handle the event.",
    param: null,
    event_id: EVENT_ID,
  });
});
