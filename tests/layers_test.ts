import { deepStrictEqual as deepEqual } from "node:assert/strict";
import { basename, dirname, join, normalize } from "node:path";

/**
 * The house's rules, as code. Lower may not import higher; what stands to the right of a layer is all that it may
 * import besides itself and `BELOW_ALL`.
 */
const LAYERS = [
  "server",
  "realtime",
  "conversation",
  "pipeline",
  "engines",
  "inference",
  "audio",
];

/** Files and folders that everything may import, and that import only each other. */
const BELOW_ALL = ["config", "config.ts", "errors.ts", "facts.ts", "telemetry"];

/** What the page may know of the rest: the samples it makes, and the types of what goes over the wire. */
const WIRE = ["realtime", "conversation"];

const MAX_LINES = 300;

const root = join(import.meta.dirname!, "..");

interface SourceFile {
  /** From the checkout's root, e.g. `src/audio/frame.ts`. */
  readonly path: string;
  readonly text: string;
}

interface Import {
  /** From the checkout's root; only files of ours. */
  readonly target: string;
  readonly typeOnly: boolean;
}

async function filesBelow(folder: string, extension: RegExp): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = normalize(`${folder}/${name}`);
    if (["src/web/dist", "node_modules", "coverage", "data", ".git"].includes(path)) continue;
    if (isDirectory) files.push(...await filesBelow(path, extension));
    else if (extension.test(name)) {
      files.push({ path, text: await Deno.readTextFile(join(root, path)) });
    }
  }
  return files;
}

/** Static and dynamic imports, and `new URL("./x_worker.ts", import.meta.url)`: a Worker's file is an import too. */
function importsOf({ path, text }: SourceFile): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const statements =
    /(?:(import|export)\s+(type\s)?[^;"'()]*?from\s*|import\s*\(?\s*|new URL\(\s*)"([^"]+)"/g;
  return [...code.matchAll(statements)].flatMap(([, , type, specifier = ""]) => {
    const typeOnly = type !== undefined;
    if (specifier.startsWith("@/")) return [{ target: `src/${specifier.slice(2)}`, typeOnly }];
    if (!specifier.startsWith(".") || !specifier.endsWith(".ts")) return [];
    return [{ target: normalize(join(dirname(path), specifier)), typeOnly }];
  });
}

/** First part of a path below `src/`: the layer's name, or that of a file. */
function partOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function mayImport(from: string, { target, typeOnly }: Import): boolean {
  if (!target.startsWith("src/")) return false;
  const [layer, below] = [partOf(from), partOf(target)];
  if (layer === below) return true;
  if (BELOW_ALL.includes(layer)) return BELOW_ALL.includes(below);
  if (layer === "web") return typeOnly && WIRE.includes(below);
  if (layer === "std" || below === "std" || below === "web") return false;
  if (BELOW_ALL.includes(below)) return layer !== "audio";
  return LAYERS.includes(layer) && LAYERS.indexOf(layer) < LAYERS.indexOf(below);
}

const sources = await filesBelow("src", /\.ts$/);
const ours = [
  ...sources,
  ...await filesBelow("tests", /\.ts$/),
  ...await filesBelow("models", /\.ts$/),
  ...await filesBelow(".ci", /\.ts$/),
  ...await filesBelow("docs", /\.ts$/),
  { path: "main.ts", text: await Deno.readTextFile(join(root, "main.ts")) },
];

Deno.test("a layer imports only layers below it", () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((target) => !mayImport(file.path, target))
      .map(({ target }) => `${file.path} imports ${target}`)
  );

  deepEqual(wrong, []);
});

Deno.test("the layers' rule would see an import that goes up, in any of its forms", () => {
  const forms = [
    'import { a } from "@/server/app.ts";',
    'import type { A } from "@/server/app.ts";',
    'import {\n  a,\n  b,\n} from "../server/app.ts";',
    'export * from "@/server/app.ts";',
    'import "@/server/app.ts";',
    'const { a } = await import("@/server/app.ts");',
    'new Worker(new URL("../server/app.ts", import.meta.url));',
  ];

  for (const text of forms) {
    const [found] = importsOf({ path: "src/pipeline/x.ts", text });
    deepEqual(found && [found.target, mayImport("src/pipeline/x.ts", found)], [
      "src/server/app.ts",
      false,
    ], text);
  }
});

Deno.test("no file imports itself in a circle", () => {
  const graph = new Map(
    sources.map((file) => [
      file.path,
      importsOf(file).filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    if (trail.includes(path)) circles.push([...trail, path].join(" → "));
    if (done.has(path) || trail.includes(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }

  for (const path of graph.keys()) visit(path, []);

  deepEqual(circles, []);
});

Deno.test("only main.ts reads the environment", () => {
  const readers = ours.filter(({ path, text }) =>
    !path.startsWith("tests/") && !path.startsWith(".ci/") && path !== "models/fetch.ts" &&
    path !== "main.ts" && /Deno\s*\.\s*env\b|process\s*\.\s*env\b/.test(text)
  );

  deepEqual(readers.map(({ path }) => path), []);
});

Deno.test("no file or folder is a drawer", () => {
  const drawers = ["utils", "util", "common", "helpers", "misc", "shared", "core"];
  const wrong = ours.filter(({ path }) =>
    ["types.ts", "index.ts", ...drawers.map((name) => `${name}.ts`)].includes(basename(path)) ||
    path.split("/").some((part) => drawers.includes(part))
  );

  deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("files have names in snake_case", () => {
  const wrong = ours.filter(({ path }) => !/^[a-z0-9_]+(\.d)?\.ts$/.test(basename(path)));

  deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test(`no file of the product has more than ${MAX_LINES} lines`, () => {
  const long = ours
    .filter(({ path }) => !path.startsWith("tests/"))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length }))
    .filter(({ lines }) => lines > MAX_LINES);

  deepEqual(long, []);
});

Deno.test("no file names a registry's host or a path of one machine", async () => {
  const word = (...parts: string[]) => parts.join("");
  const forbidden = new RegExp([
    word("registry", "\\.npmjs"),
    word("npm\\.", "jsr\\.io"),
    word("/", "home/\\w+"),
    word("/", "Users/\\w+"),
    word("/", "root/"),
    word("/", "work/(main|shared)"),
  ].join("|"));
  const files = [...ours, ...await filesBelow(".", /\.(json|md|css|html)$|^run$|^Dockerfile$/)];

  const weights = new RegExp(word("huggingface", "\\.co")); // which the manifest alone has to name

  const wrong = files.filter(({ path, text }) =>
    path !== "deno.lock" &&
    (forbidden.test(text) || (path !== "models/manifest.json" && weights.test(text)))
  );

  deepEqual(wrong.map(({ path }) => path), []);
});
