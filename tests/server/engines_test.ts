import { rejects } from "node:assert/strict";
import { loadConfig } from "@/config.ts";
import { KNOWN_ENGINES, loadEngines } from "@/server/engines.ts";

Deno.test("a folder for speech that cannot be used is named with its variable", async () => {
  const file = await Deno.makeTempFile();
  const config = loadConfig({ TTS_CACHE_DIR: `${file}/speech` }, KNOWN_ENGINES);

  await rejects(
    loadEngines(config),
    { name: "ConfigError", message: /TTS_CACHE_DIR: cannot be used: .*\/speech/ },
  );
  await Deno.remove(file);
});
