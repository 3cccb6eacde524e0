import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { fieldsOf, type JsonSchema, typeOf } from "@/web/schema_fields.ts";

const types: readonly [JsonSchema, string][] = [
  [{}, "any"],
  [{ type: "string" }, "string"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ const: "auto" }, '"auto"'],
  [{ enum: ["a", "b"] }, '"a" | "b"'],
  [{ type: "integer", minimum: 10, maximum: 7200 }, "integer 10 to 7200"],
  [{ type: "number", minimum: 0 }, "number ≥ 0"],
  [{ type: "number", maximum: 2 }, "number ≤ 2"],
  [{ type: "array", items: { type: "string" } }, "string[]"],
  [
    { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } },
    "(string | null)[]",
  ],
  [{ type: "array", prefixItems: [{ const: "audio" }] }, '["audio"]'],
  [{ type: "string", format: "binary" }, "file"],
  [{ $ref: "#/components/schemas/Item" }, "Item"],
  [{ anyOf: [{ $ref: "#/a/Item" }, { type: "null" }] }, "Item | null"],
];
for (const [schema, type] of types) {
  Deno.test(`typeOf() reads ${JSON.stringify(schema)} as ${type}`, () => {
    deepEqual(typeOf(schema), type);
  });
}

Deno.test("fieldsOf() lists fields and those of the objects in them, also in lists and where null may stand", () => {
  const inner: JsonSchema = { type: "object", properties: { c: { type: "string" } } };

  const fields = fieldsOf({
    type: "object",
    required: ["a"],
    properties: {
      a: { anyOf: [inner, { type: "null" }], description: "An a." },
      b: { type: "array", items: inner },
      d: { type: "integer", default: 600, description: "Seconds." },
    },
  });

  deepEqual(fields, [
    { path: "a", type: "object | null", required: true, description: "An a." },
    { path: "a.c", type: "string", required: false, description: "" },
    { path: "b", type: "object[]", required: false, description: "" },
    { path: "b[].c", type: "string", required: false, description: "" },
    { path: "d", type: "integer", required: false, description: "Seconds. Default: 600." },
  ]);
});

Deno.test("fieldsOf() says which kinds of an object have a field", () => {
  const kind = (type: string, properties: Record<string, JsonSchema>): JsonSchema => ({
    type: "object",
    required: ["type"],
    properties: { type: { const: type }, both: { type: "string" }, ...properties },
  });

  const fields = fieldsOf({
    oneOf: [
      kind("x", { own: { type: "string" }, other: { type: "string" } }),
      kind("y", { other: { type: "integer" } }),
    ],
  });

  deepEqual(fields.map(({ path, type, when }) => [path, type, when]), [
    ["type", '"x" | "y"', undefined],
    ["both", "string", undefined],
    ["own", "string", "x"],
    ["other", "string", "x"],
    ["other", "integer", "y"],
  ]);
});
