import { ok, strictEqual as equal } from "node:assert/strict";
import { VARIABLES } from "@/config.ts";
import denoJson from "../../../deno.json" with { type: "json" };
import { startEdgeServer } from "../../fakes/edge_server.ts";

const root = new URL("../../..", import.meta.url).pathname;

Deno.test("what the server may read of the environment is enough for edge and all it depends on", async () => {
  await using server = await startEdgeServer();
  const flags = denoJson.tasks.serve.command.match(/--ignore-env\b/g) ?? [];

  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      "--allow-read=.",
      ...flags,
      `--allow-env=${VARIABLES.join()}`,
      "tests/engines/tts/speak_with_edge.ts",
      server.url,
    ],
    cwd: root,
  }).output();

  equal(code, 0, new TextDecoder().decode(stderr));
  ok(Number(new TextDecoder().decode(stdout)) > 10_000);
});
