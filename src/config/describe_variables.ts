import { z } from "zod";

/** A variable of the environment, for whoever sets it. */
export interface VariableDescription {
  readonly name: string;
  /** What it is where it is not set, in Markdown; empty where it is nothing. */
  readonly unset: string;
  /** What it does, in Markdown. */
  readonly meaning: string;
}

/**
 * Describes variables by their schemas: what they mean stands in the `description` of their metadata. The default
 * is what an operator would write; where that says nothing or depends on the machine, the metadata has words for it
 * in `unset`.
 *
 * @throws {TypeError} If one has no description.
 */
export function describeVariables(
  variables: Readonly<Record<string, z.ZodType>>,
): readonly VariableDescription[] {
  return Object.entries(variables).map(([name, schema]) => {
    const { description, unset } = schema.meta() ?? {};
    if (description === undefined) throw new TypeError(`Cannot describe ${name}: use .meta()`);
    const value = typeof unset === "string" ? unset : quote(defaultOf(schema));
    return { name, unset: value, meaning: description };
  });
}

/** The text that stands for a variable which is not set: before a schema transforms it. */
function defaultOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodPipe) return defaultOf(schema.in as z.ZodType);
  return schema instanceof z.ZodDefault ? String(schema.def.defaultValue) : "";
}

function quote(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
