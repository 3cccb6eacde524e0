/// <reference lib="dom" />
import { byId } from "@/web/page_elements.ts";
import { fieldsOf, type JsonSchema } from "@/web/schema_fields.ts";

/** What is sent or answered, by media type. */
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** As much of an operation as is shown. */
interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Content }>
  >;
}

/** As much of an OpenAPI document as is shown. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

const reference = byId("reference", HTMLElement);
const contents = byId("contents", HTMLElement);

/** An element, with text or other elements in it. */
function make(tag: string, ...children: readonly (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

/** A text whose words between backticks are code. */
function prose(tag: string, text: string): HTMLElement {
  return make(tag, ...text.split("`").map((part, i) => i % 2 === 1 ? make("code", part) : part));
}

/** Adds a chapter to the page and to its contents. */
function addChapter(title: string, sections: readonly HTMLElement[]): void {
  reference.append(make("h2", title), ...sections);
  const links = sections.map((section) => {
    const link = document.createElement("a");
    link.href = `#${section.id}`;
    link.textContent = section.id;
    return make("li", link);
  });
  contents.append(make("h2", title), make("ul", ...links));
}

/** A section that can be linked to. */
function makeSection(title: string, ...children: readonly (string | Node)[]): HTMLElement {
  const section = make("section", make("h3", title), ...children);
  section.id = title;
  return section;
}

function makeTable(
  head: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
): HTMLElement {
  const table = make(
    "div",
    make(
      "table",
      make("thead", make("tr", ...head.map((cell) => make("th", cell)))),
      make("tbody", ...rows.map((row) => make("tr", ...row.map((cell) => make("td", cell))))),
    ),
  );
  table.className = "table";
  return table;
}

/** The fields of a schema, a row each; its type where it has none. */
function describeSchema(schema: JsonSchema): Node {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return prose("p", schema.description ?? "");
  return makeTable(
    ["field", "type", "meaning"],
    fields.map(({ path, type, required, when, description }) => [
      make("code", path),
      make("code", type),
      prose(
        "span",
        [required ? "" : "Optional.", when ? `Of ${when}.` : "", description].join(" "),
      ),
    ]),
  );
}

function describeContent(title: string, content: Content, schemas: Record<string, JsonSchema>) {
  return Object.entries(content).flatMap(([type, { schema }]) => {
    const name = schema.$ref?.split("/").at(-1) ?? "";
    return [make("h4", `${title}: ${type}`), describeSchema(schemas[name] ?? schema)];
  });
}

function describeOperation(
  title: string,
  { operation, schemas }: {
    readonly operation: Operation;
    readonly schemas: Record<string, JsonSchema>;
  },
): HTMLElement {
  const { summary, description = "", parameters = [], requestBody, responses } = operation;
  const good = responses["200"]?.content;
  const refusals = Object.entries(responses).filter(([status]) => status !== "200");
  return makeSection(
    title,
    prose("p", `${summary} ${description}`),
    ...(parameters.length === 0 ? [] : [makeTable(
      ["parameter", "where", "meaning"],
      parameters.map((each) => [
        make("code", each.name),
        each.in,
        prose("span", each.description ?? ""),
      ]),
    )]),
    ...(requestBody ? describeContent("Body", requestBody.content, schemas) : []),
    ...(good ? describeContent("Answer", good, schemas) : []),
    ...(refusals.length === 0
      ? []
      : [make("h4", `Other answers: ${refusals.map(([status]) => status).join(", ")}`)]),
  );
}

function show({ paths, components: { schemas } }: Document): void {
  addChapter(
    "HTTP",
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) =>
        describeOperation(`${method.toUpperCase()} ${path}`, { operation, schemas })
      )
    ),
  );
  const chapters: readonly (readonly [title: string, prefix: string])[] = [
    ["Client events", "ClientEvent."],
    ["Server events", "ServerEvent."],
  ];
  for (const [title, prefix] of chapters) {
    addChapter(
      title,
      Object.entries(schemas)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, schema]) =>
          makeSection(
            name.slice(prefix.length),
            prose("p", schema.description ?? ""),
            describeSchema(schema),
          )
        ),
    );
  }
  addChapter(
    "Objects",
    Object.entries(schemas)
      .filter(([name, schema]) => !/Event\b/.test(name) && fieldsOf(schema).length > 0)
      .map(([name, schema]) => makeSection(name, describeSchema(schema))),
  );
}

try {
  const response = await fetch("../openapi.json");
  if (!response.ok) throw new TypeError(`The server answered ${response.status}`);
  show(await response.json());
} catch (error) {
  const problem = byId("problem", HTMLElement);
  problem.hidden = false;
  problem.textContent = `The description cannot be shown: ${
    error instanceof Error ? error.message : error
  }`;
}
