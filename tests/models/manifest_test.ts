import { deepStrictEqual as deepEqual, ok, throws } from "node:assert/strict";
import { MODELS, parseManifest } from "../../models/manifest.ts";

const file = { from: "a.onnx", path: "x/a.onnx", bytes: 1, sha256: "0".repeat(64) };
const entry = {
  title: "A model",
  licence: "MIT",
  origin: "https://example.org/",
  source: { url: "https://example.org/models/" },
  files: [file],
};

Deno.test("the manifest has a model with a licence for each embedded engine that needs weights", () => {
  deepEqual(MODELS.map(({ engine, optional }) => [engine, optional]), [
    ["silero", false],
    ["moonshine", false],
    ["flite", false],
    ["whisper", true],
  ]);
  ok(MODELS.every(({ licence }) => licence.length > 2));
});

Deno.test("no two models of the manifest share a file", () => {
  const paths = MODELS.flatMap(({ files }) => files.map(({ path }) => path));

  deepEqual(paths, [...new Set(paths)]);
});

Deno.test("parseManifest() reads models from the web, and optional ones", () => {
  const [model] = parseManifest({ big: { ...entry, optional: true } });

  deepEqual(model, { name: "big", engine: "big", ...entry, optional: true });
});

Deno.test("parseManifest() reads which engine runs a model, where it has another name", () => {
  const [model] = parseManifest({ "huge-1": { ...entry, engine: "huge" } });

  deepEqual(model, { name: "huge-1", ...entry, engine: "huge", optional: false });
});

for (
  const [what, wrong] of Object.entries({
    "a path that leaves the folder": { ...entry, files: [{ ...file, path: "../a.onnx" }] },
    "an absolute path": { ...entry, files: [{ ...file, path: "/etc/a.onnx" }] },
    "a sum that is none": { ...entry, files: [{ ...file, sha256: "abc" }] },
    "a package without an exact version": {
      ...entry,
      source: { npm: "a@^1.0.0", integrity: `sha512-${"a".repeat(86)}==`, bytes: 1 },
    },
    "a package without integrity": { ...entry, source: { npm: "a@1.0.0", bytes: 1 } },
    "no files": { ...entry, files: [] },
    "a field it does not know": { ...entry, license: "MIT" },
  })
) {
  Deno.test(`parseManifest() refuses ${what}`, () => {
    throws(() => parseManifest({ tiny: wrong }));
  });
}
