import { deepStrictEqual as deepEqual, match, ok, strictEqual as equal } from "node:assert/strict";
import { join } from "node:path";
import { VARIABLES } from "@/config.ts";
import { MODELS } from "../../models/manifest.ts";
import { findWorkers } from "../deploy/workers.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { startServer } from "./server.ts";
import { ask } from "./turns.ts";
import { connect } from "./voice_client.ts";

const root = join(import.meta.dirname!, "../..");
const command = denoJson.tasks.compile.command;

Deno.test("the binary holds the page, every Worker, and every model that is not optional", async () => {
  const included = [...command.matchAll(/--include (\S+)/g)].map(([, path]) => path!);

  const needed = [
    "src/web/dist",
    ...await findWorkers(),
    ...MODELS.filter(({ optional }) => !optional).map(({ name }) => `models/${name}`),
  ];

  deepEqual(included.toSorted(), needed.toSorted());
});

Deno.test("with the binary's permissions and from any other folder, the server finds page and models, and keeps its memory there", async () => {
  const cwd = await Deno.makeTempDir();
  const permissions = [...command.matchAll(/--allow-(?:net|read|write)\b/g)].map(([flag]) => flag);
  const args = [
    "run",
    "--no-prompt",
    `--config=${root}/deno.json`,
    ...permissions,
    `--allow-env=${VARIABLES.join()}`,
    `${root}/main.ts`,
  ];

  {
    await using server = await startServer({ KV_PATH: "" }, { cwd, args });
    const page = await fetch(server.url);
    await using client = await connect({ url: server.realtime() });
    const { reply } = await ask(client, "How much is three plus four?");

    equal(page.status, 200);
    match(await page.text(), /<!doctype html>/i);
    match(reply, /seven|7/i);
  }

  ok((await Deno.stat(join(cwd, "data/chatai.kv"))).isFile);
  await Deno.remove(cwd, { recursive: true });
});
