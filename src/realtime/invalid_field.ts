import type { z } from "zod";
import { InvalidRequest } from "@/errors.ts";

type Issue = z.core.$ZodIssue;

/** Keys that lead to a field, from the outside in. */
export type Path = readonly PropertyKey[];

/** Longest piece of a client's own words that an error repeats, in characters. */
const MAX_ECHO = 60;

/**
 * Says what is wrong with a client's message, in the words of the protocol (its section 6): the first problem
 * that the schema found, and the path of the field as the client wrote it, e.g. `session.tools[0].name`.
 *
 * @param value What was validated: it tells a missing field from a wrong one.
 */
export function invalidField(error: z.ZodError, value: unknown): InvalidRequest {
  const [first] = error.issues;
  if (first === undefined) throw new TypeError("A schema failed without an issue");
  const { issue, path } = innermost(first, [], value);
  const param = formatPath(path);
  const found = valueAt(value, path);
  if (found === undefined) {
    return new InvalidRequest(`Missing required parameter: '${param}'.`, {
      code: "missing_required_parameter",
      param,
    });
  }
  if (isWrongType(issue, found)) {
    return new InvalidRequest(
      `Invalid type for '${param}': expected ${expectation(issue)}, got ${describe(found)}.`,
      { code: "invalid_type", param },
    );
  }
  return new InvalidRequest(
    `Invalid value for '${param}': ${describe(found)}. ${complaint(issue)}.`,
    { code: "invalid_value", param },
  );
}

/** Follows a union into the branch that the client most likely meant. */
function innermost(issue: Issue, base: Path, root: unknown): { issue: Issue; path: Path } {
  const path = [...base, ...issue.path];
  if (issue.code !== "invalid_union") return { issue, path };
  const deeper = issue.errors.find((branch) => branch.every((each) => each.path.length > 0))?.[0];
  if (deeper === undefined) return { issue, path };
  return innermost(deeper, path, root);
}

/** What each branch of a union, or the issue itself, says of the very value it is about. */
function ownIssues(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  return issue.errors.flatMap((branch) =>
    branch.filter((each) => each.path.length === 0).flatMap(ownIssues)
  );
}

function isWrongType(issue: Issue, found: unknown): boolean {
  if (issue.code === "invalid_union" && issue.errors.length === 0) return typeof found !== "string";
  return ownIssues(issue).every((own) => {
    if (own.code === "invalid_type") return own.expected !== "int" || typeof found !== "number";
    if (own.code === "invalid_value") return own.values.every((v) => typeof v !== typeof found);
    return false;
  });
}

/** What would have been right. */
function complaint(issue: Issue): string {
  const own = ownIssues(issue).filter((each) => each.code !== "invalid_type");
  // of a discriminated union; missing in zod's types
  const values = "options" in issue && Array.isArray(issue.options)
    ? issue.options
    : own.flatMap((each) => each.code === "invalid_value" ? each.values : []);
  const others = own.filter((each) =>
    each.code !== "invalid_value" && each.code !== "invalid_union"
  );
  return [
    ...new Set(others.map((each) => each.message)),
    ...(values.length > 0 ? [`Supported values are: ${list(values)}`] : []),
  ].join(", or ") || issue.message;
}

function expectation(issue: Issue): string {
  const kinds = ownIssues(issue).flatMap((own) => {
    if (own.code === "invalid_type") return [own.expected === "tuple" ? "array" : own.expected];
    return own.code === "invalid_value" ? own.values.map((value) => typeof value) : [];
  });
  return kinds.length > 0 ? [...new Set(kinds)].join(" or ") : "string";
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

/** Names a field as a client writes it: `a.b[0].c`. */
export function formatPath(path: Path): string {
  return path
    .map((key) => typeof key === "number" ? `[${key}]` : `.${shorten(String(key))}`)
    .join("").replace(/^\./, "");
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  if (typeof value === "string") return `'${shorten(value)}'`;
  return String(value);
}

function list(values: readonly unknown[]): string {
  return [...new Set(values)].map((value) => typeof value === "string" ? `'${value}'` : value)
    .join(", ");
}

function shorten(text: string): string {
  return text.length > MAX_ECHO ? `${text.slice(0, MAX_ECHO)}…` : text;
}
