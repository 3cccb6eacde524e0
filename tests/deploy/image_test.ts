import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { readSources } from "../docs/sources.ts";
import { findWorkers } from "./workers.ts";

const root = join(import.meta.dirname!, "../..");
const dockerfile = await Deno.readTextFile(join(root, "Dockerfile"));
const readme = await Deno.readTextFile(join(root, "README.md"));

/** What a module and all that it imports ask for by a name of `deno.json`. */
async function importsOf(module: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", module],
    cwd: root,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: readonly {
      readonly dependencies?: readonly { readonly specifier: string }[];
    }[];
  };
  return modules.flatMap(({ dependencies = [] }) => dependencies.map((each) => each.specifier));
}

Deno.test("the image is built of the Deno that the README names, and pinned", () => {
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  const [, version] = /npx -y deno@(\S+)/.exec(readme) ?? [];

  deepEqual(images, [`denoland/deno:${version}`, `denoland/deno:${version}`]);
});

Deno.test("the container is no root, has a health check, and opens no server without keys", () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM"));

  match(last, /^USER deno$/m);
  match(last, /^HEALTHCHECK/m);
  ok(!/AUTH=none|API_KEYS=/.test(last.replaceAll(/^#.*$/gm, "")));
});

Deno.test("the image leaves those packages behind that neither the server nor a Worker imports", async () => {
  const entries = ["main.ts", ...await findWorkers()];
  const asked = new Set((await Promise.all(entries.map(importsOf))).flat());

  const [, removed = ""] = /RUN deno remove ((?:\\\n|.)+)/.exec(dockerfile) ?? [];
  const idle = Object.keys(denoJson.imports).filter((name) =>
    ![...asked].some((each) => each === name || each.startsWith(`${name.replace(/\/$/, "")}/`))
  );

  deepEqual(
    removed.split(/[\s\\]+/).filter(Boolean).toSorted(),
    idle.filter((name) => !name.startsWith("@std/")).toSorted(), // which are links to files of ours
  );
});

Deno.test("the image caches every Worker that the code starts, by its name", async () => {
  const [, pattern = ""] =
    /deno cache --frozen main\.ts \$\(find src -name '\*(\S+)'/.exec(dockerfile) ?? [];
  const sources = await readSources();

  const started = [...sources.matchAll(/new URL\("([^"]+\.ts)", import\.meta\.url\)/g)]
    .map(([, url]) => url!);

  equal(started.length, (await findWorkers()).length);
  deepEqual(started.filter((url) => !url.endsWith(pattern)), []);
});

Deno.test("what the image copies from the checkout is there, and is not kept from it", async () => {
  const ignored = (await Deno.readTextFile(join(root, ".dockerignore"))).trim().split("\n");
  const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, paths = ""]) =>
    paths.replace("--from=build", "").trim().split(" ").map((path) => path.replace(/^\/app\//, ""))
  );

  for (const path of copied.filter((each) => !each.startsWith("/"))) {
    ok(await Deno.stat(join(root, path)), path);
    ok(!ignored.includes(path), path);
  }
  ok(copied.includes("main.ts"));
});
