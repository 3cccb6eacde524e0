import type { Config, KnownEngines } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import { SPEECH_RECOGNISERS } from "@/engines/asr/mod.ts";
import type { Engine, EngineRegistry } from "@/engines/engine.ts";
import { LANGUAGE_MODELS } from "@/engines/llm/mod.ts";
import { SPEECH_SYNTHESISERS } from "@/engines/tts/mod.ts";
import { VOICE_ACTIVITY_DETECTORS } from "@/engines/vad/mod.ts";

/** Names of every engine there is, for `loadConfig`. */
export const KNOWN_ENGINES: KnownEngines = {
  vad: Object.keys(VOICE_ACTIVITY_DETECTORS),
  asr: Object.keys(SPEECH_RECOGNISERS),
  llm: Object.keys(LANGUAGE_MODELS),
  tts: Object.keys(SPEECH_SYNTHESISERS),
};

/** One loaded engine of each kind. Disposing it ends them all. */
export interface LoadedEngines extends Engines, AsyncDisposable {}

/**
 * Loads and warms the engines that the configuration names, all at once.
 *
 * @throws {EngineError} If one cannot be loaded; the others are disposed of by then.
 */
export async function loadEngines(config: Config): Promise<LoadedEngines> {
  await using loaded = new AsyncDisposableStack();

  async function load<E extends Engine>(
    registry: EngineRegistry<E>,
    [name = ""]: readonly string[],
  ): Promise<E> {
    const create = registry[name];
    if (create === undefined) throw new TypeError(`There is no engine "${name}"`);
    return loaded.use(await create(config));
  }

  const { engines } = config;
  const results = await Promise.allSettled([
    load(VOICE_ACTIVITY_DETECTORS, engines.vad),
    load(SPEECH_RECOGNISERS, engines.asr),
    load(LANGUAGE_MODELS, engines.llm),
    load(SPEECH_SYNTHESISERS, engines.tts),
  ]);
  const [vad, asr, llm, tts] = results;
  if (
    vad.status === "rejected" || asr.status === "rejected" ||
    llm.status === "rejected" || tts.status === "rejected"
  ) {
    throw results.find((result) => result.status === "rejected")?.reason;
  }
  const owned = loaded.move();
  return {
    vad: vad.value,
    asr: asr.value,
    llm: llm.value,
    tts: tts.value,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
