import { deepStrictEqual as deepEqual, ok, throws } from "node:assert/strict";
import { userSpeech } from "@/conversation/user_speech.ts";
import { createClientWriter } from "@/realtime/client_writer.ts";
import type { Dialect } from "@/realtime/dialect.ts";
import { openWire, PLAIN, responseHead, sessionView } from "../realtime/wire.ts";
import { checkEvents, findProblems } from "./event_recorder.ts";

/** A good recording: a spoken message, then a call. */
function recording(dialect: Dialect = "ga"): Record<string, unknown>[] {
  const { socket, outbound } = openWire();
  const client = createClientWriter(outbound, { ...PLAIN, dialect });
  client.sessionCreated(sessionView(), undefined);
  client.speechStarted("item_0", 10);
  client.speechStopped("item_0", 20);
  client.committed("item_0", null);
  client.itemAdded(userSpeech("item_0", null), null);
  client.timeoutTriggered("item_s", 20, 40);
  client.committed("item_s", "item_0");
  client.itemAdded(userSpeech("item_s", null), "item_0");
  const response = client.openResponse(responseHead());
  response.message("item_1", "item_s");
  response.text("Hello ");
  response.audio(new Float32Array(10));
  response.text("there.");
  response.call({
    id: "item_2",
    object: "realtime.item",
    type: "function_call",
    status: "completed",
    call_id: "call_1",
    name: "f",
    arguments: "{}",
  }, "item_1");
  response.end({ status: "completed" }, undefined);
  return socket.frames as Record<string, unknown>[];
}

/** An event without what is new in each recording. */
function shape({ event_id: _, ...frame }: Record<string, unknown>): unknown {
  return frame;
}

/** Events that may be missing without anybody being able to tell. */
const DISPENSABLE = [
  "conversation.created",
  "input_audio_buffer.committed",
  "input_audio_buffer.timeout_triggered",
  "response.output_audio.delta",
];

for (const dialect of ["ga", "beta"] as const) {
  Deno.test(`a good recording of the ${dialect} dialect has no problem`, () => {
    checkEvents(recording(dialect), { dialect });
  });

  Deno.test(`in the ${dialect} dialect every event and field of the other is found`, () => {
    const other = dialect === "ga" ? "beta" : "ga";
    const theirs = recording(other);
    const same = recording(dialect).map((frame) => JSON.stringify(shape(frame)));

    const foreign = theirs.filter((frame) => !same.includes(JSON.stringify(shape(frame))));
    const unnoticed = foreign.filter((frame) => {
      const [first] = findProblems([frame], { dialect, cut: true });
      return first === undefined || first.includes("comes before session.created"); // it was read
    });

    ok(foreign.length >= 9);
    deepEqual(unnoticed, []);
  });
}

Deno.test("a field that the protocol does not have is found", () => {
  const [created, ...rest] = recording();

  throws(() => checkEvents([{ ...created, future: 1 }, ...rest]), /session\.created has fields/);
});

Deno.test("no event may be missing", () => {
  const frames = recording();

  const unnoticed = frames.filter((_, i) => findProblems(frames.toSpliced(i, 1)).length === 0).map((
    { type },
  ) => type);

  deepEqual(unnoticed, DISPENSABLE);
});

Deno.test("no event may come twice, not even with another id", () => {
  const frames = recording();
  const repeatable = ["conversation.created", "response.output_audio.delta"];

  const unnoticed = frames.filter((frame, i) => {
    const twice = frames.toSpliced(i, 0, { ...frame, event_id: "another" });
    return findProblems(twice).length === 0;
  }).map(({ type }) => type);

  deepEqual(unnoticed.filter((type) => !repeatable.includes(type as string)), []);
});

Deno.test("no id may come twice", () => {
  const [first, second, ...rest] = recording();

  throws(
    () => checkEvents([first, { ...second, event_id: first?.event_id }, ...rest]),
    /used twice/,
  );
});

Deno.test("a field that is missing or of another type is found", () => {
  const [created, ...rest] = recording();

  ok(findProblems([{ ...created, session: {} }, ...rest]).length > 0);
  ok(findProblems([{ ...created, session: undefined }, ...rest]).length > 0);
});

Deno.test("a recording that was cut may end anywhere, but what is there must be right", () => {
  const frames = recording();

  for (let n = 1; n <= frames.length; n++) checkEvents(frames.slice(0, n), { cut: true });
  throws(() => checkEvents(frames.slice(1), { cut: true }), /session\.created/);
});

Deno.test("bare audio outside an audio part is found", () => {
  const frames = recording();

  deepEqual(findProblems([...frames, new Uint8Array(2)]), [
    `frame ${frames.length + 1}: a binary frame outside an audio part`,
  ]);
});

Deno.test("an id is free again once its item is deleted, and only then", () => {
  const frames = recording();
  const [added, done] = frames.filter(({ item }) =>
    (item as { id?: string } | undefined)?.id === "item_0"
  );
  const again = [added, done].map((frame, i) => ({ ...frame, event_id: `again_${i}` }));
  const deleted = { type: "conversation.item.deleted", event_id: "gone", item_id: "item_0" };

  checkEvents([...frames, deleted, ...again]);
  throws(() => checkEvents([...frames, ...again]), /item_0 is added twice/);
  throws(() => checkEvents([...frames, deleted, { ...deleted, event_id: "x" }]), /deleted twice/);
});
