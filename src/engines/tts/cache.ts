import { createHash } from "node:crypto";
import { createSharedRun, type SharedRun } from "@/engines/tts/cache/shared_run.ts";
import type { SpeechCache } from "@/engines/tts/cache/speech_cache.ts";
import type { Speech, SpeechSynthesiser, SynthesisOptions } from "@/engines/tts/engine.ts";
import { speechLookups } from "@/telemetry/metrics.ts";

/**
 * Longest text that is kept, in characters. Sentences come again; a page does not, and would hold megabytes
 * while it is spoken.
 */
const MAX_LENGTH = 500;

/** Where speech is kept, and what it depends on. */
export interface CachedOptions {
  /** May serve several synthesisers. */
  readonly cache: SpeechCache;
  /** What the voice depends on beside the engine's name: its model and its server. */
  readonly source?: string;
}

/**
 * A synthesiser that speaks no text twice. The same text in the same voice, speed and language comes from the
 * cache; while it is being spoken, later callers follow the run of the first. Each caller can abort alone, the
 * last one's abort aborts the run, and only what was spoken to its end is kept.
 *
 * Callers share the samples, so nobody may write into them.
 */
export function cached(
  tts: SpeechSynthesiser,
  { cache, source = "" }: CachedOptions,
): SpeechSynthesiser {
  const running = new Map<string, SharedRun<Speech>>();

  function keyOf(text: string, { voice, speed, language }: SynthesisOptions): string {
    const parts = [tts.name, source, voice ?? tts.voices[0], speed ?? 1, language ?? "", text];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  }

  function run(key: string, text: string, options: SynthesisOptions): SharedRun<Speech> {
    const shared = createSharedRun<Speech>({
      async *start(signal) {
        const kept = await cache.load(key);
        if (kept !== undefined) {
          speechLookups.inc({ outcome: "hit" });
          for (const speech of kept) yield { ...speech, kept: true };
          return;
        }
        speechLookups.inc({ outcome: "miss" });
        const spoken: Speech[] = [];
        for await (const speech of tts.synthesize(text, { ...options, signal })) {
          spoken.push(speech);
          yield speech;
        }
        cache.put(key, spoken);
      },
      ended: () => running.delete(key),
    });
    running.set(key, shared);
    return shared;
  }

  return {
    name: tts.name,
    get model() {
      return tts.model;
    },
    get deadlineMs() {
      return tts.deadlineMs;
    },
    get voices() {
      return tts.voices;
    },
    async *synthesize(text, options) {
      options.signal.throwIfAborted();
      const normal = text.normalize("NFC").replaceAll(/\s+/g, " ").trim();
      if (options.anew || normal.length > MAX_LENGTH) {
        yield* tts.synthesize(normal, options);
        return;
      }
      const key = keyOf(normal, options);
      const kept = cache.get(key);
      if (kept !== undefined) {
        speechLookups.inc({ outcome: "hit" });
        for (const speech of kept) {
          options.signal.throwIfAborted();
          yield { ...speech, kept: true };
        }
        return;
      }
      const other = running.get(key);
      if (other !== undefined) speechLookups.inc({ outcome: "shared" });
      yield* (other ?? run(key, normal, options)).follow(options.signal);
    },
    [Symbol.asyncDispose]: () => tts[Symbol.asyncDispose](),
  };
}
