import { findPlace } from "@/engines/llm/scripted/clock.ts";
import { findNumbers } from "@/engines/llm/scripted/numbers.ts";
import { drawString } from "@/engines/llm/scripted/json_string.ts";
import { plainWords } from "@/engines/llm/scripted/words.ts";

/** A JSON schema, as far as it is known. */
export type Schema = Readonly<Record<string, unknown>>;

/** What arguments may be drawn from. */
export interface ArgumentSource {
  /** The user's last message. */
  readonly text: string;
  /** The user's name, if they have told it. */
  readonly name: string | undefined;
  /** Unix time in ms, for dates. */
  readonly now: number;
}

/** Deepest nesting that is filled in: a schema that requires itself has no end. */
const DEEPEST = 12;

/**
 * Arguments that fit a function's JSON schema: values from the user's words where they are obvious (a city, a
 * number, one of an enum), else the schema's default, else something plain. Knows `type`, `enum`, `const`,
 * `default`, `examples`, `properties`, `required`, `items`, `prefixItems`, `$ref` within the schema, `allOf`,
 * `anyOf`, `oneOf`, the bounds of numbers, strings and arrays, and common formats; not `pattern`, `not`, `if`.
 */
export function drawArguments(
  parameters: Schema | undefined,
  source: ArgumentSource,
): Record<string, unknown> {
  const words = plainWords(source.text);
  const numbers = findNumbers(words.split(" "));
  const root: Schema = { type: "object", ...parameters };

  function draw(raw: unknown, key: string, depth: number): unknown {
    const schema = resolve(raw, root);
    if (depth > DEEPEST) return null;
    if ("const" in schema) return schema["const"];
    if (Array.isArray(schema["enum"])) return drawEnum(schema["enum"], schema);
    switch (typeOf(schema)) {
      case "object":
        return drawObject(schema, depth);
      case "array":
        return drawArray(schema, key, depth);
      case "integer":
      case "number":
        return drawNumber(schema, { numbers, whole: typeOf(schema) === "integer" });
      case "boolean":
        return preset(schema) ?? !/\b(off|not|no|disable|without|stop)\b|n't\b/.test(words);
      case "null":
        return null;
      default:
        return drawString(schema, { key, source, place: findPlace(words)?.name });
    }
  }

  function drawEnum(values: readonly unknown[], schema: Schema): unknown {
    const mentioned = values.find((value) =>
      typeof value === "string" && value !== "" && ` ${words} `.includes(` ${plainWords(value)} `)
    );
    const type = schema["type"];
    const allowed = values.filter((value) =>
      type === undefined || [type].flat().includes(jsonType(value))
    );
    return mentioned ?? preset(schema) ?? (allowed.length > 0 ? allowed : values)[0];
  }

  function drawObject(schema: Schema, depth: number): Record<string, unknown> {
    const properties = record(schema["properties"]);
    const required = strings(schema["required"]);
    const keys = new Set([
      ...required,
      ...Object.keys(properties).filter((key) => isObvious(resolve(properties[key], root), key)),
    ]);
    return Object.fromEntries(
      [...keys].map((key) => [key, draw(properties[key] ?? {}, key, depth + 1)]),
    );
  }

  /** Whether the user's words hold a value for a property that may be left out. */
  function isObvious(schema: Schema, key: string): boolean {
    if (Array.isArray(schema["enum"])) {
      return schema["enum"].some((value) =>
        typeof value === "string" && value !== "" && ` ${words} `.includes(` ${plainWords(value)} `)
      );
    }
    return typeOf(schema) === "string" && /city|location|place|town/i.test(key) &&
      findPlace(words) !== undefined && schema["pattern"] === undefined;
  }

  function drawArray(schema: Schema, key: string, depth: number): unknown[] {
    const first = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
    const least = Math.max(Number(schema["minItems"] ?? 0), 0);
    const length = Math.min(
      Math.max(least, first.length, 1),
      Number(schema["maxItems"] ?? Infinity),
    );
    if (schema["items"] === undefined && first.length === 0 && least === 0) return [];
    const items = Array.from(
      { length },
      (_, index) => draw(first[index] ?? schema["items"] ?? {}, key, depth + 1),
    );
    return schema["uniqueItems"] === true ? distinct(items, resolve(schema["items"], root)) : items;
  }

  return drawObject(resolve(root, root), 0);
}

/** Makes equal items different, as far as their schema lets it. */
function distinct(items: readonly unknown[], schema: Schema): unknown[] {
  const choices = Array.isArray(schema["enum"]) ? schema["enum"] : [];
  return items.map((item, index) => {
    if (choices.length > 0) return choices[index % choices.length];
    if (index === 0) return item;
    if (typeof item === "number") return item + index * Number(schema["multipleOf"] ?? 1);
    return typeof item === "string" ? `${item} ${index + 1}` : item;
  });
}

/** The schema without references and combinations: of alternatives the first counts. */
function resolve(raw: unknown, root: Schema, depth = 0): Schema {
  let schema = record(raw);
  if (depth > DEEPEST) return schema;
  const { $ref, allOf, anyOf, oneOf, ...rest } = schema;
  if (typeof $ref === "string") schema = { ...record(lookUp($ref, root)), ...rest };
  else schema = rest;
  if ("$ref" in schema) schema = resolve(schema, root, depth + 1);
  const parts = [allOf, firstOf(anyOf), firstOf(oneOf)].flat().filter((part) => part !== undefined);
  return parts
    .map((part) => resolve(part, root, depth + 1))
    .reduce((all, part) => ({
      ...all,
      ...part,
      ...merged("properties", all, part),
      ...("required" in all || "required" in part
        ? { required: [...strings(all["required"]), ...strings(part["required"])] }
        : {}),
    }), schema);
}

function merged(key: string, left: Schema, right: Schema): Schema {
  return key in left || key in right
    ? { [key]: { ...record(left[key]), ...record(right[key]) } }
    : {};
}

/** The first alternative that is more than `null`. */
function firstOf(alternatives: unknown): unknown {
  if (!Array.isArray(alternatives)) return undefined;
  return alternatives.find((entry) => record(entry)["type"] !== "null") ?? alternatives[0];
}

/** What "#/$defs/city" points at. */
function lookUp(reference: string, root: Schema): unknown {
  if (reference === "#") return root;
  return reference.replace(/^#\//, "").split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((node, part) => record(node)[part], root);
}

function typeOf(schema: Schema): string {
  const type = [schema["type"]].flat().find((entry) => entry !== "null" && entry !== undefined);
  if (typeof type === "string") return type;
  if (schema["type"] !== undefined) return "null";
  if ("properties" in schema || "required" in schema) return "object";
  if ("items" in schema || "prefixItems" in schema) return "array";
  return "minimum" in schema || "maximum" in schema || "multipleOf" in schema ? "number" : "string";
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** The value a schema itself proposes. */
function preset(schema: Schema): unknown {
  return schema["default"] ??
    (Array.isArray(schema["examples"]) ? schema["examples"][0] : undefined);
}

function drawNumber(
  schema: Schema,
  { numbers, whole }: { readonly numbers: readonly number[]; readonly whole: boolean },
): number {
  const step = bound(schema, "multipleOf") ?? (whole ? 1 : undefined);
  const above = bound(schema, "exclusiveMinimum");
  const below = bound(schema, "exclusiveMaximum");
  const least = Math.max(bound(schema, "minimum") ?? -Infinity, above ?? -Infinity);
  const most = Math.min(bound(schema, "maximum") ?? Infinity, below ?? Infinity);
  const fits = (value: number) =>
    value >= least && value <= most && value !== above && value !== below &&
    (!step || Math.abs(value / step - Math.round(value / step)) < 1e-9) &&
    (!whole || Number.isInteger(value));

  const proposed = preset(schema);
  const lowest = Number.isFinite(least) ? least : most;
  const rounded = step ? Math.ceil(lowest / step) * step : lowest;
  const candidates = [
    ...numbers,
    ...(typeof proposed === "number" ? [proposed] : []),
    ...[1, 0, rounded, rounded + (step ?? 0), rounded - (step ?? 0)],
    ...[(least + most) / 2, lowest + 0.5, lowest - 0.5],
  ];
  return candidates.find(fits) ?? (Number.isFinite(lowest) ? lowest : 0);
}

function bound(schema: Schema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
}

function record(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Schema
    : {};
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
