/**
 * Runs `deno doc --lint` over all our files at once, and leaves out what does not apply to a program: types of
 * libraries count as private there, inferred types of schemas as slow, and members whose name says it all as
 * undocumented.
 */
interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly line: number;
}

async function findFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (path === "src/web/dist" || path === "src/std") continue;
    if (isDirectory) found.push(...await findFiles(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}

function readProblems(output: string): Problem[] {
  const entry = /error\[([\w-]+)\]: (.*)\n +--> (.*):(\d+):\d+/g;
  return [...output.matchAll(entry)].map(([, code = "", message = "", path = "", line]) => (
    { code, message, path, line: Number(line) }
  ));
}

async function applies({ code, message, path, line }: Problem): Promise<boolean> {
  const source = await Deno.readTextFile(path);
  switch (code) {
    case "missing-explicit-type":
      return false;
    case "missing-jsdoc":
      return source.split("\n")[line - 1]?.startsWith("export") ?? true;
    case "private-type-ref": {
      const name = /references private type '([^']+)'/.exec(message)?.[1];
      return new RegExp(`^(type|interface|class|enum) ${name}\\b`, "m").test(source);
    }
    default:
      return true;
  }
}

const files = ["main.ts", ...await findFiles("models"), ...await findFiles("src")];
const { stderr, stdout } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  env: { NO_COLOR: "1" },
}).output();
const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
const problems = readProblems(output);
let found = 0;
for (const problem of problems) {
  if (!await applies(problem)) continue;
  found++;
  await write(`${problem.path}:${problem.line}: ${problem.message}\n`);
}
const understood = problems.length > 0 || !/error/i.test(output);
if (!understood) await write(output);
Deno.exit(found > 0 || !understood ? 1 : 0);

async function write(text: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(text));
}
