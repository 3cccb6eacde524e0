import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";

const root = join(import.meta.dirname!, "..");

/** Runs the server with a wrong environment until it gives up. */
async function refusal(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", "main.ts"],
    cwd: root,
    env: { NO_COLOR: "1", PORT: "0", KV_PATH: ":memory:", ...env },
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the server names every wrong value at once, without a stack, and exits with 1", async () => {
  const { code, stderr } = await refusal({ PORT: "http", TTS: "espeak", LOG_LEVEL: "loud" });

  equal(code, 1);
  match(stderr, /PORT: /);
  match(stderr, /TTS: there is no "espeak". Known ones: auto, .*\bflite\b/);
  match(stderr, /LOG_LEVEL: /);
  equal(/^\s+at /m.test(stderr), false);
});

Deno.test("with LOG_FORMAT=json the server refuses in one object a line", async () => {
  const { code, stderr } = await refusal({ PORT: "http", LOG_FORMAT: "json" });

  const [line = "", ...more] = stderr.trim().split("\n");
  equal(code, 1);
  deepEqual(more, []);
  equal(JSON.parse(line).properties.problems[0].variable, "PORT");
});

Deno.test("the server names the model files that are missing, and the task that fetches them", async () => {
  const modelsDir = await Deno.makeTempDir();

  const { code, stderr } = await refusal({ MODELS_DIR: modelsDir });

  equal(code, 1);
  match(stderr, /silero_vad_v6\.onnx is missing/);
  match(stderr, /flite\.wasm is missing/);
  match(stderr, /deno task models silero moonshine flite/);
  await Deno.remove(modelsDir, { recursive: true });
});

Deno.test("the server names the model file that is corrupt, and only that", async () => {
  const modelsDir = await Deno.makeTempDir();
  for (const path of ["moonshine", "flite"]) {
    await Deno.symlink(join(root, "models", path), join(modelsDir, path));
  }
  await Deno.mkdir(join(modelsDir, "silero"));
  await Deno.writeTextFile(join(modelsDir, "silero/silero_vad_v6.onnx"), "no model");

  const { stderr } = await refusal({ MODELS_DIR: modelsDir });

  match(stderr, /silero_vad_v6\.onnx is corrupt/);
  deepEqual(stderr.match(/ is (corrupt|missing)/g), [" is corrupt"]);
  await Deno.remove(modelsDir, { recursive: true });
});

Deno.test("the server names PORT when another program has it, before it loads anything", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  const { code, stderr } = await refusal({ PORT: String(other.addr.port) });

  equal(code, 1);
  match(stderr, new RegExp(`PORT: ${other.addr.port} is in use`));
});

Deno.test("the server names KV_PATH when the file is no store", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "no database ".repeat(100));

  const { code, stderr } = await refusal({ KV_PATH: path });

  equal(code, 1);
  match(stderr, /KV_PATH: cannot open/);
  ok(!stderr.includes("    at "), stderr);
  await Deno.remove(path);
});
