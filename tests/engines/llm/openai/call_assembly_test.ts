import {
  deepStrictEqual as deepEqual,
  match,
  notStrictEqual as notEqual,
  strictEqual as equal,
} from "node:assert/strict";
import type { ToolCall } from "@/engines/llm/engine.ts";
import { createCallAssembly } from "@/engines/llm/openai/call_assembly.ts";
import type { CallDelta } from "@/engines/llm/openai/chunk.ts";

/** What becomes of deltas. */
function assembled(...deltas: readonly CallDelta[]): readonly ToolCall[] {
  const assembly = createCallAssembly();
  deltas.forEach((delta) => assembly.add(delta));
  return assembly.finish().calls;
}

/** The same, as `id name arguments`. */
function assemble(...deltas: readonly CallDelta[]): string[] {
  return assembled(...deltas).map((call) => `${call.callId} ${call.name} ${call.arguments}`);
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

Deno.test("whole calls without ids that all have the same index are told apart by their names and by their ends", () => {
  const calls = assembled(
    { index: 0, function: { name: "weather", arguments: '{"city":"Paris"}' } },
    { index: 0, function: { name: "weather", arguments: '{"city":"Rome"}' } },
    { index: 0, id: "", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
    { index: 0, id: "", function: { name: "alarm", arguments: '{"at":' } },
    { index: 0, id: "", function: { arguments: "7}" } },
    { index: 0, function: { name: "stop", arguments: null } },
    { index: 0, function: { name: "wait" } },
  );

  deepEqual(calls.map(({ name, arguments: args }) => `${name} ${args}`), [
    'weather {"city":"Paris"}',
    'weather {"city":"Rome"}',
    'weather {"city":"Oslo"}',
    'alarm {"at":7}',
    "stop {}",
    "wait {}",
  ]);
  equal(new Set(calls.map(({ callId }) => callId)).size, calls.length);
});

Deno.test("calls that come with one id for all get ids of their own", () => {
  const calls = assembled(
    { index: 0, id: "call", function: { name: "first", arguments: "{}" } },
    { index: 0, id: "call", function: { name: "second", arguments: "{" } },
    { index: 0, id: "call", function: { arguments: "}" } },
    { index: 1, id: "call", function: { name: "third", arguments: "{}" } },
  );

  deepEqual(calls.map(({ name, arguments: args }) => `${name} ${args}`), [
    "first {}",
    "second {}",
    "third {}",
  ]);
  equal(new Set(calls.map(({ callId }) => callId)).size, calls.length);
});

Deno.test("a server that repeats the name alone with each piece makes one call, which may get its id late", () => {
  const calls = assemble(
    { index: 0, function: { name: "first", arguments: '{"x"' } },
    { index: 0, id: "a", function: { name: "first", arguments: ":1}" } },
    { index: 0, function: { name: "first", arguments: " " } },
  );

  deepEqual(calls, ['a first {"x":1} ']);
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
