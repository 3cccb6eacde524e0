/** As much of a JSON Schema as is shown of it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly description?: string;
}

/** A field of an object, or of an object in it. */
export interface Field {
  /** From the outermost object: `a.b[].c`. */
  readonly path: string;
  /** In words of TypeScript, with its range; another schema by its name. */
  readonly type: string;
  readonly required: boolean;
  /** Which kinds of the object have it, by what tells them apart; absent where all do. */
  readonly when?: string;
  /** Its meaning, and its default. */
  readonly description: string;
}

/** Lists the fields of an object's schema and of the objects in it, in order. */
export function fieldsOf(schema: JsonSchema, prefix = ""): readonly Field[] {
  const kinds = kindsOf(schema);
  const found = kinds.flatMap((kind) =>
    ownFields(kind, prefix).map((field) => ({ field, kind: nameOfKind(kind) }))
  );
  const byPath = Map.groupBy(found, ({ field }) => field.path);
  return [...byPath.values()].flatMap((fields) => mergeKinds(fields, kinds.length));
}

/** Says what a value may be. */
export function typeOf(schema: JsonSchema): string {
  const { $ref, type, items, prefixItems } = schema;
  if ($ref !== undefined) return $ref.split("/").at(-1) ?? "";
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(" | ");
  if (type === undefined) return "any";
  if (typeof type !== "string") {
    return type.map((each) => typeOf({ ...schema, type: each })).join(" | ");
  }
  if (type === "array") {
    if (prefixItems) return `[${prefixItems.map(typeOf).join(", ")}]`;
    const item = typeof items === "object" ? typeOf(items) : "any";
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  return `${schema.format === "binary" ? "file" : type}${rangeOf(schema)}`;
}

function rangeOf({ type, minimum, maximum }: JsonSchema): string {
  if (type === "string" || (minimum === undefined && maximum === undefined)) return "";
  if (maximum === undefined) return ` ≥ ${minimum}`;
  return minimum === undefined ? ` ≤ ${maximum}` : ` ${minimum} to ${maximum}`;
}

/** The kinds of object that a value may be: branches of unions, and what is in lists. */
function kindsOf(schema: JsonSchema): readonly JsonSchema[] {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.flatMap(kindsOf);
  if (typeof schema.items === "object") return kindsOf(schema.items);
  return schema.properties ? [schema] : [];
}

/** What tells a kind of object from the others. */
function nameOfKind({ properties = {} }: JsonSchema): string {
  return Object.entries(properties)
    .filter(([name, field]) => name !== "object" && typeof field.const === "string")
    .map(([, field]) => String(field.const))
    .join(" ");
}

function ownFields({ properties = {}, required = [] }: JsonSchema, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const own = {
      path,
      type: typeOf(field),
      required: required.includes(name),
      description: describe(field),
    };
    return [own, ...fieldsOf(field, `${path}${holdsList(field) ? "[]" : ""}.`)];
  });
}

function holdsList({ items, anyOf, oneOf }: JsonSchema): boolean {
  return typeof items === "object" || (anyOf ?? oneOf ?? []).some(holdsList);
}

function describe({ description = "", default: fallback }: JsonSchema): string {
  const given = fallback === undefined || fallback === null
    ? ""
    : `Default: ${JSON.stringify(fallback)}.`;
  return [description, given].filter((part) => part !== "").join(" ");
}

/** Makes one row of a field that several kinds of an object have, as far as it is the same in them. */
function mergeKinds(
  found: readonly { readonly field: Field; readonly kind: string }[],
  kinds: number,
): readonly Field[] {
  const groups = Map.groupBy(found, ({ field }) => {
    const { type, required, when, description } = field;
    return JSON.stringify([isLiteral(type) || type, required, when, description]);
  });
  const tellsApart = found.every(({ field }) => isLiteral(field.type));
  return [...groups.values()].map((group) => {
    const { required, when: inner, ...field } = group[0]!.field;
    const type = [...new Set(group.map((each) => each.field.type))].join(" | ");
    const always = group.length === kinds || tellsApart;
    const outer = always ? "" : [...new Set(group.map(({ kind }) => kind))].join(" or ");
    const when = [outer, inner].filter(Boolean).join(", ");
    return { ...field, type, required, ...(when && { when }) };
  });
}

/** Whether a type is one string. Where all kinds have another one, it says by itself which it belongs to. */
function isLiteral(type: string): boolean {
  return /^"[^"|]*"$/.test(type);
}
