import type { OpenApiDocument } from "@/server/openapi/document.ts";
import { fieldsOf, type JsonSchema } from "@/web/schema_fields.ts";

/** What is not in the schemas: the rest of the reference. */
const INTRODUCTION = `# Realtime protocol

Every event of \`/v1/realtime\`: what a client may send, what the server sends, and what is in them. This page is
written by \`deno task docs\` from the schemas that validate the events; change those.

A frame is one event, a JSON object with its \`type\`. A client may give its events an \`event_id\`, any text, which
an \`error\` repeats; the server gives each of its own a unique one. Fields that are not listed are ignored. Events
and fields that begin with \`chatai.\` are ours, all others are OpenAI's. Clients of the beta dialect speak the same
events in that dialect's words.
`;

/** What every event has, and the introduction says. */
const COMMON = ["type", "event_id"];

/** What events hold that has a name of its own. */
const OBJECTS = [
  "SessionUpdate",
  "Session",
  "ItemInput",
  "Item",
  "RetrievedItem",
  "ResponseInput",
  "Response",
];

/** Writes the reference of the realtime protocol in Markdown. */
export function writeReference({ components: { schemas } }: OpenApiDocument): string {
  const named = Object.entries(schemas as Readonly<Record<string, JsonSchema>>);
  const events = (side: string) =>
    named.flatMap(([name, schema]) =>
      name.startsWith(`${side}.`) ? [writeEvent(name.slice(side.length + 1), schema)] : []
    );
  return [
    INTRODUCTION,
    "## Client events\n",
    ...events("ClientEvent"),
    "## Server events\n",
    ...events("ServerEvent"),
    "## Objects\n",
    ...named.flatMap(([name, schema]) =>
      OBJECTS.includes(name) ? [`### ${name}\n\n${writeTable(schema)}`] : []
    ),
  ].join("\n");
}

function writeEvent(type: string, schema: JsonSchema): string {
  return `### ${type}\n\n${schema.description ?? ""}\n\n${writeTable(schema, COMMON)}`;
}

/** A row a field; nothing where there are none. */
function writeTable(schema: JsonSchema, without: readonly string[] = []): string {
  const rows = fieldsOf(schema)
    .filter(({ path }) => !without.includes(path))
    .map(({ path, type, required, when, description }) =>
      [
        `\`${path}\``,
        `\`${type}\``,
        [
          required ? "" : "Optional.",
          when === undefined ? "" : `Of ${when}.`,
          description,
        ].filter((part) => part !== "").join(" "),
      ].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")
    );
  if (rows.length === 0) return "";
  return `${
    ["field | type | meaning", "--- | --- | ---", ...rows].map((row) => `| ${row} |`).join("\n")
  }\n`;
}
