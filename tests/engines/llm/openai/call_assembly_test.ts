import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
} from "node:assert/strict";
import { createCallAssembly } from "@/engines/llm/openai/call_assembly.ts";
import type { CallDelta } from "@/engines/llm/openai/chunk.ts";

/** What becomes of deltas, as `id name arguments`. */
function assemble(...deltas: readonly CallDelta[]): string[] {
  const assembly = createCallAssembly();
  deltas.forEach((delta) => assembly.add(delta));
  return assembly.finish().calls.map((call) => `${call.callId} ${call.name} ${call.arguments}`);
}

Deno.test("calls whose pieces come by turns are put together by their index", () => {
  const calls = assemble(
    { index: 0, id: "a", function: { name: "first", arguments: "" } },
    { index: 1, id: "b", function: { name: "second", arguments: "" } },
    { index: 0, function: { arguments: '{"x"' } },
    { index: 1, function: { arguments: "{}" } },
    { index: 0, function: { arguments: ":1}" } },
  );

  deepEqual(calls, ['a first {"x":1}', "b second {}"]);
});

Deno.test("a server that repeats id and name with each piece makes one call", () => {
  const calls = assemble(
    { index: 0, id: "a", function: { name: "first", arguments: "{" } },
    { index: 0, id: "a", function: { name: "first", arguments: "}" } },
    { index: 0, id: "", function: { name: "", arguments: " " } },
  );

  deepEqual(calls, ["a first {} "]);
});

Deno.test("whole calls that all have the same index, or none, are told apart by their ids", () => {
  const same = assemble(
    { index: 0, id: "a", function: { name: "first", arguments: "{}" } },
    { index: 0, id: "b", function: { name: "second", arguments: "{}" } },
  );
  const none = assemble(
    { id: "a", function: { name: "first", arguments: "{" } },
    { function: { arguments: "}" } },
    { id: "b", function: { name: "second", arguments: "{}" } },
  );

  deepEqual([same, none], [["a first {}", "b second {}"], ["a first {}", "b second {}"]]);
});

Deno.test("a call without an id gets one, and one without arguments has none", () => {
  const [first = "", second] = assemble(
    { index: 0, function: { name: "first" } },
    { index: 1, function: { name: "second", arguments: "" } },
  );

  match(first, /^call_\w{20,} first \{\}$/);
  notEqual(first.split(" ")[0], second?.split(" ")[0]);
});

Deno.test("a call with anything but a JSON object, or without a name, is broken", () => {
  for (const args of ['{"city": ', "[]", "null", '"Paris"', "Paris"]) {
    const assembly = createCallAssembly();
    assembly.add({ index: 0, id: "a", function: { name: "weather", arguments: args } });

    deepEqual(assembly.finish(), { calls: [], broken: ["weather"] }, args);
  }
  const nameless = createCallAssembly();
  nameless.add({ index: 0, id: "a", function: { arguments: "{}" } });
  deepEqual(nameless.finish(), { calls: [], broken: [""] });
});
