import { z } from "zod";

/** A JSON Schema of the draft 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Points to a schema of the document. */
export function refTo(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * Writes schemas as components of an OpenAPI document. One that is part of another becomes a reference to it.
 *
 * @param io `input` is what may be sent, `output` what comes back: there, fields that have a default are always there.
 */
export function toComponents(
  named: ReadonlyMap<z.ZodType, string>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (name) => refTo(name).$ref,
    unrepresentable: "any",
    override({ jsonSchema }) {
      // clients are to ignore the fields that they do not know, as this server does
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}
