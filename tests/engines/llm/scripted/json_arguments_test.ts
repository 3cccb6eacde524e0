import { deepStrictEqual as deepEqual, ok, strictEqual as equal } from "node:assert/strict";
import { drawArguments, type Schema } from "@/engines/llm/scripted/json_arguments.ts";
import { createDraw, type Draw } from "../../../fakes/draw.ts";

const NOW = Date.UTC(2026, 10, 22, 14, 5);

function argumentsFor(properties: Record<string, Schema>, text = ""): Record<string, unknown> {
  const schema = { type: "object", properties, required: Object.keys(properties) };
  return drawArguments(schema, { text, name: "Anna", now: NOW });
}

Deno.test("arguments fit schemas of every kind, nested at random", () => {
  const draw = createDraw();
  for (let round = 0; round < 500; round++) {
    const schema = drawSchema(draw, 0, "object");

    const args = drawArguments(schema, {
      text: "give me 7 of them in Paris",
      name: undefined,
      now: NOW,
    });

    const wrong = misfit(schema, args, "$");
    equal(
      wrong,
      undefined,
      `seed ${draw.seed}: ${JSON.stringify(schema)} → ${JSON.stringify(args)}`,
    );
  }
});

Deno.test("arguments are taken from the user's words where they are obvious", () => {
  deepEqual(
    argumentsFor({
      location: { type: "string" },
      count: { type: "integer", minimum: 1, maximum: 100 },
      unit: { type: "string", enum: ["celsius", "fahrenheit"] },
      name: { type: "string" },
      query: { type: "string" },
    }, "forty two degrees fahrenheit in new york"),
    {
      location: "New York",
      count: 42,
      unit: "fahrenheit",
      name: "Anna",
      query: "forty two degrees fahrenheit in new york",
    },
  );
});

Deno.test("arguments take what the schema proposes before they make something up", () => {
  deepEqual(
    argumentsFor({
      fixed: { const: "always" },
      preset: { type: "string", default: "as usual" },
      example: { type: "integer", examples: [12] },
      switch: { type: "boolean", default: false },
    }),
    { fixed: "always", preset: "as usual", example: 12, switch: false },
  );
});

Deno.test("arguments follow references and combinations", () => {
  const schema = {
    type: "object",
    $defs: { point: { type: "object", properties: { x: { type: "integer" } }, required: ["x"] } },
    properties: {
      at: { $ref: "#/$defs/point" },
      either: {
        anyOf: [{ type: "null" }, { type: "array", items: { $ref: "#/$defs/point" }, minItems: 2 }],
      },
      both: {
        allOf: [{ $ref: "#/$defs/point" }, { properties: { y: { const: 2 } }, required: ["y"] }],
      },
    },
    required: ["at", "either", "both"],
  };

  deepEqual(drawArguments(schema, { text: "", name: undefined, now: NOW }), {
    at: { x: 1 },
    either: [{ x: 1 }, { x: 1 }],
    both: { x: 1, y: 2 },
  });
});

Deno.test("arguments have the format that is asked for", () => {
  deepEqual(
    argumentsFor({
      day: { type: "string", format: "date" },
      when: { type: "string", format: "date-time" },
      to: { type: "string", format: "email" },
      date: { type: "string" },
    }),
    {
      day: "2026-11-22",
      when: "2026-11-22T14:05:00.000Z",
      to: "user@example.com",
      date: "2026-11-22",
    },
  );
});

Deno.test("arguments leave out what is neither required nor obvious, and end where a schema does not", () => {
  const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };

  deepEqual(drawArguments(undefined, { text: "hi", name: undefined, now: NOW }), {});
  deepEqual(
    drawArguments({
      type: "object",
      properties: { a: { type: "string" }, city: { type: "string" } },
    }, {
      text: "weather in Rome",
      name: undefined,
      now: NOW,
    }),
    { city: "Rome" },
  );
  ok("next" in drawArguments(endless, { text: "", name: undefined, now: NOW }));
});

function drawSchema(draw: Draw, depth: number, type?: string): Schema {
  const simple = ["string", "integer", "number", "boolean", "enum", "const", "null", "nullable"];
  switch (type ?? draw.pick(depth < 3 ? [...simple, "object", "array", "anyOf"] : simple)) {
    case "object": {
      const keys = ["city", "count", "a", "deep", "name", "text", "date"].filter(() =>
        draw.int(0, 1)
      );
      return {
        type: "object",
        properties: Object.fromEntries(keys.map((key) => [key, drawSchema(draw, depth + 1)])),
        required: keys.filter(() => draw.int(0, 2) > 0),
      };
    }
    case "array": {
      const minItems = draw.int(0, 3);
      return {
        type: "array",
        items: drawSchema(draw, depth + 1),
        minItems,
        maxItems: minItems + draw.int(0, 2),
      };
    }
    case "string": {
      const minLength = draw.int(0, 20);
      return { type: "string", minLength, maxLength: minLength + draw.int(0, 20) };
    }
    case "integer": {
      const minimum = draw.int(-50, 50);
      return { type: "integer", minimum, maximum: minimum + draw.int(0, 40) };
    }
    case "number": {
      const exclusiveMinimum = draw.int(-50, 50);
      return {
        type: "number",
        exclusiveMinimum,
        exclusiveMaximum: exclusiveMinimum + draw.int(1, 40),
      };
    }
    case "enum":
      return { enum: ["red", "in", "Paris", 7, null].slice(draw.int(0, 3)) };
    case "const":
      return { const: draw.pick([1, "x", { a: [1] }, null]) };
    case "null":
      return { type: "null" };
    case "nullable":
      return { type: ["null", draw.pick(["string", "integer", "boolean"])] };
    case "anyOf":
      return { anyOf: [{ type: "null" }, drawSchema(draw, depth + 1)] };
    default:
      return { type: "boolean" };
  }
}

/** Where a value does not fit; a validator of its own, so that it shares no mistake with the code. */
function misfit(schema: Schema, value: unknown, path: string): string | undefined {
  if (schema["anyOf"]) {
    const wrong = (schema["anyOf"] as Schema[]).map((option) => misfit(option, value, path));
    return wrong.includes(undefined) ? undefined : wrong[0];
  }
  if ("const" in schema) {
    return JSON.stringify(value) === JSON.stringify(schema["const"]) ? undefined : path;
  }
  if (schema["enum"]) return (schema["enum"] as unknown[]).includes(value) ? undefined : path;
  if (Array.isArray(schema["type"])) {
    const wrong = schema["type"].map((type) => misfit({ ...schema, type }, value, path));
    return wrong.includes(undefined) ? undefined : path;
  }
  const at = (key: string) => schema[key] as number;
  switch (schema["type"]) {
    case "object": {
      const object = value as Record<string, unknown>;
      if (typeof value !== "object" || value === null) return path;
      const missing = (schema["required"] as string[]).find((key) => !(key in object));
      if (missing) return `${path}.${missing}`;
      const properties = schema["properties"] as Record<string, Schema>;
      return Object.entries(object).map(([key, entry]) =>
        misfit(properties[key]!, entry, `${path}.${key}`)
      )
        .find((wrong) => wrong !== undefined);
    }
    case "array":
      if (!Array.isArray(value) || value.length < at("minItems") || value.length > at("maxItems")) {
        return path;
      }
      return value.map((entry, i) => misfit(schema["items"] as Schema, entry, `${path}[${i}]`))
        .find((wrong) => wrong !== undefined);
    case "string":
      if (typeof value !== "string") return path;
      return value.length >= (at("minLength") ?? 0) && value.length <= (at("maxLength") ?? Infinity)
        ? undefined
        : path;
    case "integer":
      return Number.isInteger(value) && (value as number) >= (at("minimum") ?? -Infinity) &&
          (value as number) <= (at("maximum") ?? Infinity)
        ? undefined
        : path;
    case "number":
      return (value as number) > at("exclusiveMinimum") &&
          (value as number) < at("exclusiveMaximum")
        ? undefined
        : path;
    case "null":
      return value === null ? undefined : path;
    default:
      return typeof value === "boolean" ? undefined : path;
  }
}
