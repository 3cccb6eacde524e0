import type { VariableDescription } from "@/config/describe_variables.ts";
import { replacePart, writeTable } from "./part.ts";

const PART = {
  begin: "<!-- variables: written by `deno task docs` from src/config.ts -->",
  end: "<!-- end of variables -->",
};

/** Replaces the table of variables in a page of Markdown, which says by two comments where it is. */
export function replaceVariables(
  page: string,
  variables: readonly VariableDescription[],
): string {
  const rows = variables.map(({ name, unset, meaning }) => [`\`${name}\``, unset, meaning]);
  return replacePart(page, PART, writeTable(["variable", "default", "meaning"], rows));
}
