import { deepStrictEqual as deepEqual, match, ok, rejects } from "node:assert/strict";
import { resolve } from "node:path";
import { loadConfig } from "@/config.ts";
import { KNOWN_ENGINES, loadEngines } from "@/server/engines.ts";
import { prompt, textOf } from "../contracts/llm_contract.ts";
import { MODELS_DIR } from "../engines/speech.ts";
import { collectSwitches } from "../fakes/faulty.ts";

Deno.test("a folder for speech that cannot be used is named with its variable", async () => {
  const file = await Deno.makeTempFile();
  const config = loadConfig({ TTS_CACHE_DIR: `${file}/speech` }, KNOWN_ENGINES);

  await rejects(
    loadEngines(config),
    { name: "ConfigError", message: /TTS_CACHE_DIR: cannot be used: .*\/speech/ },
  );
  await Deno.remove(file);
});

Deno.test("an engine that cannot be loaded is named, once those that were still loading are ended", async () => {
  const modelsDir = await Deno.makeTempDir();
  for (const engine of ["moonshine", "flite"]) {
    await Deno.symlink(resolve(MODELS_DIR, engine), `${modelsDir}/${engine}`);
  }
  const config = loadConfig({ MODELS_DIR: modelsDir }, KNOWN_ENGINES);

  await rejects(loadEngines(config), { name: "EngineError", message: /silero: cannot read/ });

  await Deno.remove(modelsDir, { recursive: true }); // and no Worker is left: the sanitizers see to it
});

Deno.test("a list of engines is one engine, whose dead first gives way to the next, and says so", async () => {
  const config = loadConfig({
    MODELS_DIR,
    LLM: "openai,scripted",
    LLM_BASE_URL: "http://127.0.0.1:9/v1",
    TTS: "coqui,flite",
    COQUI_URL: "http://127.0.0.1:9",
  }, KNOWN_ENGINES);
  await using engines = await loadEngines(config);
  const { switches, onSwitch } = collectSwitches();
  const { signal } = new AbortController();

  const reply = await Array.fromAsync(
    engines.llm.reply(prompt("How much is two plus two?"), { signal, onSwitch }),
  );
  const speech = await Array.fromAsync(engines.tts.synthesize("Four.", { signal, onSwitch }));

  match(textOf(reply), /four|4/i);
  ok(speech.reduce((sum, { samples }) => sum + samples.length, 0) > 1000);
  deepEqual(switches, ["openai>scripted", "coqui>flite"]);
});
