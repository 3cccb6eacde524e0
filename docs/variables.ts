import type { VariableDescription } from "@/config/describe_variables.ts";

const BEGIN = "<!-- variables: written by `deno task docs` from src/config.ts -->";
const END = "<!-- end of variables -->";

/** Replaces the table of variables in a page of Markdown, which says by two comments where it is. */
export function replaceVariables(
  page: string,
  variables: readonly VariableDescription[],
): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new TypeError("The page does not say where the variables go");
  return [before, BEGIN, "\n\n", writeVariables(variables), "\n\n", END, after].join("");
}

function writeVariables(variables: readonly VariableDescription[]): string {
  const rows = variables.map(({ name, unset, meaning }) => [`\`${name}\``, unset, meaning]);
  return [["variable", "default", "meaning"], ["---", "---", "---"], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
