import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { delay } from "@std/async";
import { FakeTime } from "@std/testing/time";
import { InvalidRequest } from "@/errors.ts";
import { dispatchFrame, type DispatchOptions, type InboundFrame } from "@/realtime/dispatch.ts";
import type { ServerEvent } from "@/realtime/server_events.ts";
import { ScriptedSession } from "../fakes/scripted_session.ts";

async function dispatch(
  session: ScriptedSession,
  frames: (InboundFrame | Record<string, unknown>)[],
  { binaryAudio = false, dialect = "ga" }: Partial<DispatchOptions> = {},
): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for (const frame of frames) {
    await dispatchFrame(
      typeof frame === "string" || frame instanceof Uint8Array ? frame : JSON.stringify(frame),
      { session, dialect, binaryAudio, emit: (event) => events.push(event) },
    );
  }
  return events;
}

Deno.test("every client event becomes one call of the session", async () => {
  const session = new ScriptedSession();

  const events = await dispatch(session, [
    { type: "input_audio_buffer.append", audio: "AAEC" },
    { type: "input_audio_buffer.commit" },
    { type: "input_audio_buffer.clear" },
    { type: "conversation.item.retrieve", item_id: "a" },
    { type: "conversation.item.delete", item_id: "a" },
    { type: "conversation.item.truncate", item_id: "a", content_index: 0, audio_end_ms: 12.5 },
    { type: "response.create" },
    { type: "response.create", response: { conversation: "none", metadata: { a: "b" } } },
    { type: "response.cancel" },
    { type: "response.cancel", response_id: "resp_1" },
    { type: "output_audio_buffer.clear" },
  ]);

  deepEqual(events, []);
  deepEqual(session.calls, [
    ["append", new Uint8Array([0, 1, 2])],
    ["commit"],
    ["clear"],
    ["retrieveItem", "a"],
    ["deleteItem", "a"],
    ["truncateItem", "a", 0, 12.5],
    ["createResponse", {}],
    ["createResponse", { conversation: "none", metadata: { a: "b" } }],
    ["cancelResponse", undefined],
    ["cancelResponse", "resp_1"],
  ]);
});

Deno.test("an item is handed over whole, with the place the client named", async () => {
  const session = new ScriptedSession();
  const item = {
    id: "a",
    type: "message",
    role: "user",
    content: [{ type: "input_text", text: "hi" }],
  };

  await dispatch(session, [{ type: "conversation.item.create", item, previous_item_id: "root" }]);

  deepEqual(session.calls, [
    ["createItem", { ...item, object: "realtime.item", status: "completed" }, "root", undefined],
  ]);
});

Deno.test("a message of too many values is one error, and what follows it is done", async () => {
  const session = new ScriptedSession();

  const events = await dispatch(session, [
    { type: "response.create", response: { input: Array(10_001).fill(0) } },
    { type: "response.cancel" },
  ]);

  deepEqual(
    events.map((event) => event.type === "error" && [event.error.code, event.error.param]),
    [
      ["invalid_event", "response.input"],
    ],
  );
  deepEqual(session.calls, [["cancelResponse", undefined]]);
});

Deno.test("a session update reaches the session as complete settings", async () => {
  const session = new ScriptedSession();
  const before = session.view().settings;

  await dispatch(session, [{
    type: "session.update",
    session: { type: "realtime", instructions: "Be brief." },
  }]);

  deepEqual(session.calls, [["update", { ...before, instructions: "Be brief." }]]);
});

Deno.test("a wrong update changes nothing and is answered with one error", async () => {
  const session = new ScriptedSession();

  const events = await dispatch(session, [{
    type: "session.update",
    event_id: "mine",
    session: { type: "realtime", instructions: "x", audio: { output: { speed: 9 } } },
  }]);

  deepEqual(session.calls, []);
  deepEqual(events.map((event) => event.type === "error" && { ...event.error, message: "" }), [{
    type: "invalid_request_error",
    code: "invalid_value",
    message: "",
    param: "session.audio.output.speed",
    event_id: "mine",
  }]);
});

Deno.test("what the session refuses is told with the client's event id, and the next event is served", async () => {
  const session = new ScriptedSession({
    cancelResponse() {
      throw new InvalidRequest("none runs", { code: "response_cancel_not_active" });
    },
  });

  const events = await dispatch(session, [
    { type: "response.cancel", event_id: "event_1" },
    { type: "input_audio_buffer.clear" },
  ]);

  deepEqual(events, [{
    type: "error",
    error: {
      type: "invalid_request_error",
      code: "response_cancel_not_active",
      message: "none runs",
      param: null,
      event_id: "event_1",
    },
  }]);
  deepEqual(session.calls.at(-1), ["clear"]);
});

Deno.test("a fault of ours is told without its details", async () => {
  const session = new ScriptedSession({
    deleteItem: () => Promise.reject(new Error("/secret/path is locked")),
  });

  const [event] = await dispatch(session, [
    { type: "conversation.item.delete", item_id: "a", event_id: "event_1" },
  ]);

  deepEqual(event, {
    type: "error",
    error: {
      type: "server_error",
      code: "internal_error",
      message: "The server failed to handle the event.",
      param: null,
      event_id: "event_1",
    },
  });
});

Deno.test("what fails because the session has ended is not told as an error", async () => {
  const session = new ScriptedSession({
    commit() {
      session.end("disconnected");
      return Promise.reject(new Error("aborted"));
    },
  });

  deepEqual(await dispatch(session, [{ type: "input_audio_buffer.commit" }]), []);
});

Deno.test("an event settles only when the session has done what it asks", async () => {
  using time = new FakeTime();
  const session = new ScriptedSession({ commit: () => delay(1000) });
  let settled = false;
  const served = dispatch(session, [{ type: "input_audio_buffer.commit" }])
    .then(() => settled = true);
  await time.tickAsync(999);
  equal(settled, false);

  await time.tickAsync(1);
  await served;

  equal(settled, true);
});

for (const audio of ["A?", "AAAAA", "日本", "AA-_"]) {
  Deno.test(`audio that is not base64, ${JSON.stringify(audio)}, is an invalid value`, async () => {
    const session = new ScriptedSession();

    const [event] = await dispatch(session, [{ type: "input_audio_buffer.append", audio }]);

    deepEqual(session.calls, []);
    deepEqual(event?.type === "error" && [event.error.code, event.error.param], [
      "invalid_value",
      "audio",
    ]);
  });
}

Deno.test("binary frames are audio for clients that asked for it, else an error", async () => {
  const session = new ScriptedSession();
  const frame = new Uint8Array([1, 2, 3]);

  const accepted = await dispatch(session, [frame], { binaryAudio: true });
  const refused = await dispatch(session, [frame]);

  deepEqual(accepted, []);
  deepEqual(session.calls, [["append", frame]]);
  deepEqual(refused.map((event) => event.type === "error" && event.error.code), ["invalid_event"]);
});
