import { deepStrictEqual as deepEqual, match, throws } from "node:assert/strict";
import { Item } from "@/conversation/item.ts";
import { ItemInput, toItem, toItemAudio } from "@/realtime/item_input.ts";

function read(item: unknown) {
  return toItem(ItemInput.parse(item), "item");
}

const message = (role: string, part: unknown) => ({ type: "message", role, content: [part] });

Deno.test("what a client left out is filled in", () => {
  const item = read(message("user", { type: "input_text", text: "hi" }));

  match(item.id, /^item_.{12,}$/);
  deepEqual(item, {
    id: item.id,
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text: "hi" }],
  });
});

Deno.test("a client's id is kept as it is", () => {
  deepEqual(read({ ...message("user", { type: "input_text", text: "" }), id: "mine" }).id, "mine");
});

Deno.test("an item is complete unless the client says it is not", () => {
  const part = { type: "output_text", text: "well" };

  const statuses = ["in_progress", "completed", "incomplete", null].map((status) =>
    read({ ...message("assistant", part), status }).status
  );

  deepEqual(statuses, ["completed", "completed", "incomplete", "completed"]);
});

Deno.test("a user's audio always has a transcript, and null where none is known", () => {
  const item = read(message("user", { type: "input_audio", audio: "AAAA" }));

  deepEqual("content" in item && item.content, [{ type: "input_audio", transcript: null }]);
});

Deno.test("an image is refused", () => {
  throws(() => read(message("user", { type: "input_image", image_url: "data:" })), {
    code: "unsupported",
    param: "item.content[0].type",
  });
});

Deno.test("a call without an id is given one", () => {
  const item = read({ type: "function_call", name: "f", arguments: "{}" });

  match("call_id" in item ? item.call_id : "", /^call_.{12,}$/);
});

Deno.test("every kind of item becomes one the conversation can store", () => {
  const items = [
    message("system", { type: "input_text", text: "a" }),
    message("user", { type: "input_audio", transcript: "b" }),
    message("assistant", { type: "output_audio" }),
    { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: "d" },
  ].map(read);

  deepEqual(items.map((item) => Item.parse(item)), items);
});

Deno.test("audio that a client recorded is taken where nobody has written it down", () => {
  const audioOf = (...content: unknown[]) =>
    toItemAudio(ItemInput.parse({ type: "message", role: "user", content }), "item");
  const audio = { type: "input_audio", audio: "AQI=" };

  deepEqual(audioOf(audio), new Uint8Array([1, 2]));
  deepEqual(audioOf({ ...audio, transcript: "Hi" }), undefined);
  deepEqual(audioOf({ type: "input_text", text: "Hi" }), undefined);
  throws(() => audioOf({ ...audio, audio: "~" }), {
    code: "invalid_value",
    param: "item.content[0].audio",
  });
  throws(() => audioOf({ type: "input_text", text: "Hi" }, audio), {
    code: "unsupported",
    param: "item.content[1].audio",
  });
});
