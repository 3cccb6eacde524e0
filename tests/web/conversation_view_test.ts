import { deepStrictEqual as deepEqual, strictEqual as equal } from "node:assert/strict";
import { type ConversationView, EMPTY_VIEW, viewEvent } from "@/web/conversation_view.ts";
import type { LocalEvent } from "@/web/conversation_view.ts";
import type { ServerEvent } from "@/web/events.ts";
import { added, created, done, reply, says, spoken } from "./wire.ts";

function after(...events: (ServerEvent | LocalEvent)[]): ConversationView {
  return events.reduce(viewEvent, EMPTY_VIEW);
}

function lines({ items }: ConversationView): string[] {
  return items.map((item) => {
    const heard = item.heard === undefined ? "" : ` [${item.heard}]`;
    return `${item.role}${item.partial ? "?" : ""}: ${item.text}${heard}`;
  });
}

const STARTED: ServerEvent = { type: "input_audio_buffer.speech_started", item_id: "u1" };
const STOPPED: ServerEvent = { type: "input_audio_buffer.speech_stopped", item_id: "u1" };

function completed(transcript: string): ServerEvent {
  return {
    type: "conversation.item.input_audio_transcription.completed",
    item_id: "u1",
    transcript,
  };
}

function partial(transcript: string): ServerEvent {
  return { type: "chatai.input_audio_transcription.partial", item_id: "u1", transcript };
}

Deno.test("each partial transcript replaces the one before, and the final one is no guess", () => {
  const guessing = after(STARTED, partial("what"), partial("what time"));
  const certain = viewEvent(guessing, completed("What time is it?"));

  deepEqual(lines(guessing), ["user?: what time"]);
  deepEqual(lines(certain), ["user: What time is it?"]);
});

Deno.test("a partial transcript that comes late changes nothing", () => {
  const view = after(STARTED, completed("What time is it?"), partial("what"));

  deepEqual(lines(view), ["user: What time is it?"]);
});

Deno.test("an item keeps its partial text until its transcript is known", () => {
  const view = after(STARTED, partial("hello"), STOPPED, added(spoken("u1", null), null));

  deepEqual(lines(view), ["user?: hello"]);
});

Deno.test("a reply grows with its deltas", () => {
  const view = after(
    created("r1"),
    added(reply("a1"), null),
    says("r1", "a1", "It is "),
    says("r1", "a1", "noon."),
  );

  deepEqual(lines(view), ["assistant: It is noon."]);
});

Deno.test("items stand behind the item they name, not in the order they came", () => {
  const view = after(
    added(reply("a1", "first"), null),
    added(reply("a3", "third"), "a1"),
    added(reply("a2", "second"), "a1"),
    added(reply("a0", "zeroth"), null),
  );

  deepEqual(view.items.map(({ id }) => id), ["a0", "a1", "a2", "a3"]);
});

Deno.test("an item behind an unknown one stands at the end", () => {
  const view = after(added(reply("a1", "first"), null), added(reply("a2", "second"), "gone"));

  deepEqual(view.items.map(({ id }) => id), ["a1", "a2"]);
});

Deno.test("speech whose item is committed elsewhere moves to its place", () => {
  const view = after(
    added(reply("a1", "Hello."), null),
    STARTED,
    added(reply("a2", "How are you?"), "a1"),
    added(spoken("u1", null), "a1"),
  );

  deepEqual(view.items.map(({ id }) => id), ["a1", "u1", "a2"]);
});

Deno.test("what was not heard of a reply is told apart from what was", () => {
  const view = after(
    added(reply("a1"), null),
    says("r1", "a1", "One, two, three, four."),
    { type: "conversation.item.retrieved", item: reply("a1", "One, two,") },
  );

  deepEqual(lines(view), ["assistant: One, two, three, four. [One, two,]"]);
});

Deno.test("a reply of which nothing was heard is unheard whole", () => {
  const view = after(
    added(reply("a1"), null),
    says("r1", "a1", "One, two."),
    { type: "conversation.item.retrieved", item: reply("a1", "") },
  );

  deepEqual(lines(view), ["assistant: One, two. []"]);
});

Deno.test("words are compared, not the spaces between them", () => {
  const view = after(
    added(reply("a1"), null),
    says("r1", "a1", "One.\n\nTwo,  three."),
    { type: "conversation.item.retrieved", item: reply("a1", "One. Two") },
  );

  equal(view.items[0]?.heard, "One.\n\nTwo");
});

Deno.test("a reply that was heard to its end is not cut", () => {
  const view = after(
    added(reply("a1"), null),
    says("r1", "a1", "All of it. "),
    { type: "conversation.item.retrieved", item: reply("a1", "All of it.") },
  );

  deepEqual(lines(view), ["assistant: All of it. "]);
});

Deno.test("words the server knows better replace those on the screen", () => {
  const view = after(
    added(reply("a1"), null),
    says("r1", "a1", "One"),
    { type: "conversation.item.retrieved", item: reply("a1", "Something else") },
  );

  deepEqual(lines(view), ["assistant: Something else"]);
});

Deno.test("a deleted item is gone", () => {
  const view = after(
    added(reply("a1", "Hello."), null),
    { type: "conversation.item.deleted", item_id: "a1" },
  );

  deepEqual(view.items, []);
});

Deno.test("a turn goes from listening to thinking to speaking and back", () => {
  const turn: (ServerEvent | LocalEvent)[] = [
    STARTED,
    STOPPED,
    completed("Hello."),
    created("r1"),
    { type: "local.playing" },
    done("r1", "completed"),
    { type: "local.silent" },
  ];

  const activities = turn.map((_, i) => after(...turn.slice(0, i + 1)).activity);

  deepEqual(activities, [
    "listening",
    "thinking",
    "thinking",
    "thinking",
    "speaking",
    "speaking",
    "listening",
  ]);
});

Deno.test("speech over a reply is listened to", () => {
  const view = after(created("r1"), { type: "local.playing" }, STARTED);

  equal(view.activity, "listening");
});

Deno.test("a cough is not waited upon", () => {
  const view = after(STARTED, STOPPED, completed(""));

  equal(view.activity, "listening");
});

Deno.test("a response out of band is none of the conversation's", () => {
  const view = after({
    type: "response.created",
    response: { id: "r1", status: "in_progress", output: [], conversation_id: null },
  });

  equal(view.responseId, undefined);
});

Deno.test("an event nobody knows changes nothing", () => {
  const view = after(STARTED);

  const next = viewEvent(view, { type: "rate_limits.updated" } as unknown as ServerEvent);

  equal(next, view);
});

Deno.test("a failed reply says why, until the next turn begins", () => {
  const failed = after(created("r1"), {
    type: "response.done",
    response: {
      id: "r1",
      status: "failed",
      status_details: { error: { message: "The model is away" } },
      output: [],
    },
  });
  const next = viewEvent(failed, STARTED);

  equal(failed.problem, "The model is away");
  equal(failed.activity, "listening");
  equal(next.problem, undefined);
});

Deno.test("cancelling what has just ended is not shown as a mishap", () => {
  const view = after({
    type: "error",
    error: { type: "invalid_request_error", code: "response_cancel_not_active", message: "none" },
  });

  equal(view.problem, undefined);
});

Deno.test("a resumed session shows its items again, and still what was not heard of them", () => {
  const before = after(
    added(spoken("u1", "Count."), null),
    added(reply("a1"), "u1"),
    says("r1", "a1", "One, two, three."),
    { type: "local.disconnected" },
  );

  const view = [
    { type: "session.created", session: { id: "s1" }, "chatai.resumed": true } as const,
    added(spoken("u1", "Count."), null),
    added(reply("a1", "One, two,"), "u1"),
  ].reduce<ConversationView>(viewEvent, before);

  deepEqual(lines(view), ["user: Count.", "assistant: One, two, three. [One, two,]"]);
});

Deno.test("a new session begins empty", () => {
  const before = after(added(spoken("u1", "Count."), null));

  const view = viewEvent(before, { type: "session.created", session: { id: "s2" } });

  deepEqual(view.items, []);
});

Deno.test("a lost connection ends what it carried, but not the sound that is there", () => {
  const view = after(STARTED, created("r1"), { type: "local.playing" }, {
    type: "local.disconnected",
  });

  equal(view.responseId, undefined);
  equal(view.activity, "speaking");
});
