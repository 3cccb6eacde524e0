import { deepStrictEqual as deepEqual, throws } from "node:assert/strict";
import { ResponseInput, toOverrides } from "@/realtime/response_input.ts";

function read(response: unknown) {
  return toOverrides(ResponseInput.parse(response));
}

Deno.test("what is absent or null is left to the session", () => {
  deepEqual(read({ instructions: null, audio: { output: null }, metadata: null }), {});
});

Deno.test("empty instructions, tools and input are overrides like any other", () => {
  deepEqual(read({ instructions: "", tools: [], input: [] }), {
    instructions: "",
    tools: [],
    input: [],
  });
});

Deno.test("the format and the voice can be overridden one without the other", () => {
  deepEqual(read({ audio: { output: { voice: { id: "awb" } } } }), {
    audio: { output: { voice: "awb" } },
  });
});

Deno.test("the context may be made of new items and references to old ones", () => {
  const { input } = read({
    input: [
      { type: "item_reference", id: "item_a" },
      { id: "b", type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ],
  });

  deepEqual(input, [{ type: "item_reference", id: "item_a" }, {
    id: "b",
    object: "realtime.item",
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text: "hi" }],
  }]);
});

Deno.test("metadata may have 16 pairs, not 17", () => {
  const pairs = (n: number) =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, "v"]));

  deepEqual(read({ metadata: pairs(16) }), { metadata: pairs(16) });
  throws(() => read({ metadata: pairs(17) }), {
    code: "invalid_value",
    param: "response.metadata",
  });
});

Deno.test("a tool that the server would have to run itself is refused", () => {
  throws(() => read({ tools: [{ type: "mcp" }] }), {
    code: "unsupported",
    param: "response.tools[0].type",
  });
});
