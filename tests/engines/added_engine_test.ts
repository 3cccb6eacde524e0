import { ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { audioOf, connect, WIRE_RATE } from "../e2e/voice_client.ts";
import { startServer } from "../e2e/server.ts";
import { ask } from "../e2e/turns.ts";

const root = join(import.meta.dirname!, "../..");

/** What the server, and the test of an engine, consist of. */
const PARTS = ["deno.json", "deno.lock", "main.ts", "src", "tests/contracts"];

/** What of the models is code; the weights are used where they are. */
const MANIFEST = /\.(ts|json)$/;

/** The code in the README's section about it, in order: the engine, its line in the registry, its test. */
async function readCode(): Promise<[string, string, string]> {
  const readme = await Deno.readTextFile(join(root, "README.md"));
  const section = readme.split("## Add an engine\n")[1]!.split("\n## ")[0]!;
  const blocks = [...section.matchAll(/^ {3}```ts\n(.*?)^ {3}```$/gms)];
  const [engine, line, test] = blocks.map(([, code = ""]) => code.replaceAll(/^ {3}/gm, ""));
  return [engine!, line!, test!];
}

/** Copies the checkout, without its weights and its tests of other things. */
async function copyTo(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, "tests/engines/tts"), { recursive: true });
  await Deno.mkdir(join(folder, "models"));
  for (const part of PARTS) {
    const args = ["-r", join(root, part), join(folder, part)];
    equal((await new Deno.Command("cp", { args }).output()).code, 0);
  }
  for await (const { name } of Deno.readDir(join(root, "models"))) {
    if (!MANIFEST.test(name)) continue;
    await Deno.copyFile(join(root, "models", name), join(folder, "models", name));
  }
}

/** Runs a command of Deno's in a folder, and fails with what it says if it fails. */
async function deno(cwd: string, ...args: string[]): Promise<string> {
  const env = { NO_COLOR: "1" };
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env });
  const { code, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  equal(code, 0, said);
  return said;
}

Deno.test("an engine is added as the README says, keeps its kind's contract, and talks", async () => {
  const folder = await Deno.makeTempDir();
  const [engine, line, test] = await readCode();
  await copyTo(folder);
  const registry = join(folder, "src/engines/tts/mod.ts");
  const before = await Deno.readTextFile(registry);

  await Deno.writeTextFile(join(folder, "src/engines/tts/hum.ts"), engine);
  await Deno.writeTextFile(registry, before.replace(/^} satisfies/m, `  ${line}} satisfies`));
  await Deno.writeTextFile(join(folder, "tests/engines/tts/hum_test.ts"), test);

  const added = ["src/engines/tts/hum.ts", "src/engines/tts/mod.ts", "tests/engines/tts"];
  await deno(folder, "check", ...added);
  await deno(folder, "fmt", "--check", ...added);
  await deno(folder, "lint", ...added);
  const tested = await deno(folder, "test", "--no-check", "tests/engines/tts");
  ok(Number(/(\d+) passed \| 0 failed/.exec(tested)?.[1]) >= 10, tested);
  const env = { TTS: "hum,flite", MODELS_DIR: join(root, "models") };
  {
    await using server = await startServer(env, { cwd: folder });
    await using client = await connect({ url: server.realtime() });
    const { done, responseId } = await ask(client, "Say hello");
    equal(done.response.status, "completed");
    equal(audioOf(client, responseId).length / 2, "hello".length * 0.06 * WIRE_RATE);
  }
  await Deno.remove(folder, { recursive: true });
});
