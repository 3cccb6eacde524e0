import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describeDamage, findDamage } from "../../models/check.ts";
import type { Model } from "../../models/manifest.ts";

const content = "weights";
const model: Model = {
  name: "tiny",
  engine: "tiny",
  title: "A model for tests",
  licence: "MIT",
  origin: "https://example.org/tiny",
  source: { url: "https://example.org/tiny/" },
  optional: false,
  files: [{
    from: "tiny.onnx",
    path: "tiny.onnx",
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  }],
};

for (
  const [state, written, expected] of [
    ["a whole file", content, []],
    ["a missing file", undefined, ["missing"]],
    ["a file of another length", "weight", ["corrupt"]],
    ["a file of the same length with other bytes", "weighty", ["corrupt"]],
  ] as const
) {
  Deno.test(`findDamage() judges ${state}`, async () => {
    const dir = await Deno.makeTempDir();
    if (written !== undefined) await Deno.writeTextFile(join(dir, "tiny.onnx"), written);

    const damage = await findDamage([model], dir);

    deepEqual(damage.map(({ kind }) => kind), expected);
    await Deno.remove(dir, { recursive: true });
  });
}

Deno.test("describeDamage() names every file and the task that mends it", () => {
  const damage = [
    { model: "tiny", path: "/m/a.onnx", kind: "missing" },
    { model: "tiny", path: "/m/b.onnx", kind: "corrupt" },
  ] as const;

  const text = describeDamage(damage) ?? "";

  match(text, /tiny: \/m\/a.onnx is missing/);
  match(text, /tiny: \/m\/b.onnx is corrupt/);
  match(text, /`deno task models tiny`/);
});

Deno.test("describeDamage() has nothing to say of whole models", () => {
  equal(describeDamage([]), undefined);
});
