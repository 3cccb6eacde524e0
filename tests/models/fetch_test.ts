import {
  deepStrictEqual as deepEqual,
  rejects,
  strictEqual as equal,
  throws,
} from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Download } from "../../models/download.ts";
import { fetchModels, ModelFetchError, selectModels } from "../../models/fetch.ts";
import type { Model } from "../../models/manifest.ts";

const whole = new TextEncoder().encode("the weights, all of them");
const model: Model = {
  name: "tiny",
  engine: "tiny",
  title: "A model for tests",
  licence: "MIT",
  origin: "https://example.org/tiny",
  source: { url: "https://example.org/tiny/" },
  optional: false,
  files: ["a.onnx", "b.onnx"].map((name) => ({
    from: `dist/${name}`,
    path: `tiny/${name}`,
    bytes: whole.length,
    sha256: createHash("sha256").update(whole).digest("hex"),
  })),
};

/** Brings these bytes as every file of the model, and counts how often it was asked. */
function bringing(content: Uint8Array): { readonly download: Download; calls: number } {
  const fake = {
    calls: 0,
    download: (async ({ files }, folder, { onBytes }) => {
      fake.calls++;
      for (const { from } of files) {
        await Deno.mkdir(dirname(join(folder, from)), { recursive: true });
        await Deno.writeFile(join(folder, from), content);
        onBytes(content.length);
      }
      return folder;
    }) satisfies Download,
  };
  return fake;
}

async function inTempDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const signal = new AbortController().signal;
const onProgress = () => {};

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

Deno.test("fetchModels() puts every file of a model at its place and leaves nothing else", () =>
  inTempDir(async (dir) => {
    const { download } = bringing(whole);

    const fetched = await fetchModels([model], { dir, signal, download, onProgress });

    deepEqual(fetched, ["tiny"]);
    deepEqual(await namesIn(dir), ["tiny"]);
    deepEqual(await namesIn(join(dir, "tiny")), ["a.onnx", "b.onnx"]);
    deepEqual(await Deno.readFile(join(dir, "tiny/a.onnx")), whole);
  }));

Deno.test("fetchModels() makes the models' folder if there is none", () =>
  inTempDir(async (dir) => {
    const { download } = bringing(whole);

    await fetchModels([model], { dir: join(dir, "deep/models"), signal, download, onProgress });

    deepEqual(await namesIn(join(dir, "deep/models/tiny")), ["a.onnx", "b.onnx"]);
  }));

Deno.test("fetchModels() downloads nothing that is there already", () =>
  inTempDir(async (dir) => {
    const fake = bringing(whole);
    await fetchModels([model], { dir, signal, download: fake.download, onProgress });

    const again = await fetchModels([model], { dir, signal, download: fake.download, onProgress });

    deepEqual(again, []);
    equal(fake.calls, 1);
  }));

for (const [what, damage] of [["tampered with", "the weights, all of thEM"], ["cut", "the"]]) {
  Deno.test(`fetchModels() replaces a file that was ${what}`, () =>
    inTempDir(async (dir) => {
      const { download } = bringing(whole);
      await fetchModels([model], { dir, signal, download, onProgress });
      await Deno.writeTextFile(join(dir, "tiny/b.onnx"), damage!);

      const fetched = await fetchModels([model], { dir, signal, download, onProgress });

      deepEqual(fetched, ["tiny"]);
      deepEqual(await Deno.readFile(join(dir, "tiny/b.onnx")), whole);
    }));

  Deno.test(`fetchModels() refuses a download that was ${what}, names it and leaves nothing`, () =>
    inTempDir(async (dir) => {
      const { download } = bringing(new TextEncoder().encode(damage));

      await rejects(
        fetchModels([model], { dir, signal, download, onProgress }),
        (error: Error) =>
          error instanceof ModelFetchError && error.model === "tiny" &&
          /"tiny": dist\/a.onnx is corrupt/.test(error.message),
      );
      deepEqual(await namesIn(dir), []);
    }));
}

Deno.test("fetchModels() names a file that the download lacks", () =>
  inTempDir(async (dir) => {
    const download: Download = (_model, folder) => Promise.resolve(folder);

    await rejects(
      fetchModels([model], { dir, signal, download, onProgress }),
      /"tiny": dist\/a.onnx is missing in what was downloaded/,
    );
    deepEqual(await namesIn(dir), []);
  }));

Deno.test("fetchModels() leaves nothing of a download that breaks off", () =>
  inTempDir(async (dir) => {
    const download: Download = async (_model, folder) => {
      await Deno.writeFile(join(folder, "half"), whole.subarray(3));
      throw new Error("connection reset");
    };

    await rejects(
      fetchModels([model], { dir, signal, download, onProgress }),
      /Cannot fetch model "tiny": connection reset/,
    );
    deepEqual(await namesIn(dir), []);
  }));

Deno.test("fetchModels() leaves nothing when it is interrupted", () =>
  inTempDir(async (dir) => {
    const interrupted = new AbortController();
    const { download: bring } = bringing(whole);
    const download: Download = async (...args) => {
      const folder = await bring(...args);
      interrupted.abort();
      return folder;
    };

    await rejects(
      fetchModels([model], { dir, signal: interrupted.signal, download, onProgress }),
      /"tiny": interrupted/,
    );
    deepEqual(await namesIn(dir), []);
  }));

Deno.test("fetchModels() tells how far each model has come", () =>
  inTempDir(async (dir) => {
    const { download } = bringing(whole);
    const seen: [string, number, number][] = [];

    await fetchModels([model], {
      dir,
      signal,
      download,
      onProgress: (...step) => seen.push(step),
    });

    const size = whole.length;
    deepEqual(seen, [["tiny", size, 2 * size], ["tiny", 2 * size, 2 * size]]);
  }));

const models: readonly Model[] = [
  model,
  { ...model, name: "huge-1", engine: "huge", optional: true },
];

for (
  const [what, wanted, expected] of [
    ["what is needed", { names: [], engines: ["tiny"] }, ["tiny"]],
    ["what is needed, and a chosen engine's", { names: [], engines: ["huge", "tiny"] }, [
      "tiny",
      "huge-1",
    ]],
    ["what is named alone", { names: ["huge-1"], engines: ["tiny"] }, ["huge-1"]],
  ] as const
) {
  Deno.test(`selectModels() picks ${what}`, () => {
    deepEqual(selectModels(models, wanted).map(({ name }) => name), expected);
  });
}

Deno.test("selectModels() refuses a name that it does not know, and says which it knows", () => {
  throws(
    () => selectModels(models, { names: ["huge"], engines: [] }),
    /"huge". Known ones: tiny, huge-1/,
  );
});
