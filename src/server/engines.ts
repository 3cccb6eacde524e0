import type { Config, KnownEngines } from "@/config.ts";
import type { Engines } from "@/conversation/context.ts";
import { SPEECH_RECOGNISERS } from "@/engines/asr/mod.ts";
import type { Engine, EngineRegistry } from "@/engines/engine.ts";
import { failOverModels } from "@/engines/failover/llm.ts";
import { failOverRecognisers } from "@/engines/failover/asr.ts";
import { failOverSynthesisers } from "@/engines/failover/tts.ts";
import { LANGUAGE_MODELS } from "@/engines/llm/mod.ts";
import { openSpeechCache, type SpeechCache } from "@/engines/tts/cache/speech_cache.ts";
import { cached } from "@/engines/tts/cache.ts";
import type { SpeechSynthesiser } from "@/engines/tts/engine.ts";
import { SPEECH_SYNTHESISERS } from "@/engines/tts/mod.ts";
import { VOICE_ACTIVITY_DETECTORS } from "@/engines/vad/mod.ts";
import { ConfigError } from "@/errors.ts";

/** Names of every engine there is, for `loadConfig`. */
export const KNOWN_ENGINES: KnownEngines = {
  vad: Object.keys(VOICE_ACTIVITY_DETECTORS),
  asr: Object.keys(SPEECH_RECOGNISERS),
  llm: Object.keys(LANGUAGE_MODELS),
  tts: Object.keys(SPEECH_SYNTHESISERS),
};

/** Makes one engine of several. */
type Combine<E extends Engine> = (engines: readonly E[]) => E;

/** One loaded engine of each kind. Disposing it ends them all. */
export interface LoadedEngines extends Engines, AsyncDisposable {}

/**
 * Loads and warms the engines that the configuration names, all at once.
 *
 * @throws {EngineError} If one cannot be loaded; the others are disposed of by then.
 * @throws {ConfigError} If the folder of the speech cache cannot be used.
 */
export async function loadEngines(config: Config): Promise<LoadedEngines> {
  await using loaded = new AsyncDisposableStack();

  async function load<E extends Engine>(registry: EngineRegistry<E>, name: string): Promise<E> {
    const create = registry[name];
    if (create === undefined) throw new TypeError(`There is no engine "${name}"`);
    return loaded.use(await create(config));
  }

  async function loadList<E extends Engine>(
    registry: EngineRegistry<E>,
    names: readonly string[],
    combine: Combine<E>,
  ): Promise<E> {
    const engines = await all(names.map((name) => load(registry, name)));
    return engines.length === 1 ? engines[0]! : loaded.use(combine(engines));
  }

  const cache = config.ttsCacheMb > 0 ? loaded.use(await openCache(config)) : undefined;

  function withCache(registry: EngineRegistry<SpeechSynthesiser>): typeof registry {
    if (cache === undefined) return registry;
    const source = speechSource(config);
    return Object.fromEntries(
      Object.entries(registry).map(([name, create]) => [
        name,
        async (config) => cached(await create(config), { cache, source }),
      ]),
    );
  }

  const { engines } = config;
  const [vad, asr, llm, tts] = await all([
    load(VOICE_ACTIVITY_DETECTORS, engines.vad[0]!),
    loadList(SPEECH_RECOGNISERS, engines.asr, failOverRecognisers),
    loadList(LANGUAGE_MODELS, engines.llm, failOverModels),
    loadList(withCache(SPEECH_SYNTHESISERS), engines.tts, failOverSynthesisers),
  ]);
  const owned = loaded.move();
  return { vad, asr, llm, tts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Waits for all to end, so that nothing goes on behind a failure, then gives their results, or fails as the first did. */
async function all<const T extends readonly Promise<unknown>[]>(
  work: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

async function openCache({ ttsCacheMb, ttsCacheDir }: Config): Promise<SpeechCache> {
  try {
    return await openSpeechCache({ maxBytes: ttsCacheMb * 1024 * 1024, dir: ttsCacheDir });
  } catch (error) {
    const message = `cannot be used: ${error instanceof Error ? error.message : error}`;
    throw new ConfigError([{ variable: "TTS_CACHE_DIR", message }]);
  }
}

/** What the same voice may sound different by: speech in files outlives the settings. */
function speechSource({ remote }: Config): string {
  const { baseUrl, model } = remote.openai.tts;
  return JSON.stringify([baseUrl, model, remote.edgeTtsUrl, remote.edgeProsody, remote.coquiUrl]);
}
