import { openSpeechFolder } from "@/engines/tts/cache/speech_folder.ts";
import { createSpeechMemory } from "@/engines/tts/cache/speech_memory.ts";
import type { Speech } from "@/engines/tts/engine.ts";

/** Speech kept for texts that come again: in memory, and in files where there is a folder. */
export interface SpeechCache extends AsyncDisposable {
  /** Speech in memory. */
  get(key: string): readonly Speech[] | undefined;
  /** Speech in a file, which is in memory from then on. */
  load(key: string): Promise<readonly Speech[] | undefined>;
  /** Keeps all that was spoken of a text. */
  put(key: string, speech: readonly Speech[]): void;
}

/** How much to keep, and where. */
export interface SpeechCacheOptions {
  /** Of the memory, and of the files. */
  readonly maxBytes: number;
  /** Folder of the files; without it there are none. */
  readonly dir: string | undefined;
}

/**
 * Opens the cache that all synthesisers of a process share. Disposing it waits until all is written.
 *
 * @throws an error of the file system, if the folder cannot be used.
 */
export async function openSpeechCache(
  { maxBytes, dir }: SpeechCacheOptions,
): Promise<SpeechCache> {
  const memory = createSpeechMemory(maxBytes);
  const folder = dir === undefined ? undefined : await openSpeechFolder({ dir, maxBytes });

  return {
    get: memory.get,
    async load(key) {
      const speech = await folder?.read(key);
      if (speech === undefined) return undefined;
      memory.put(key, [speech]);
      return [speech];
    },
    put(key, speech) {
      memory.put(key, speech);
      folder?.write(key, speech);
    },
    [Symbol.asyncDispose]: async () => await folder?.[Symbol.asyncDispose](),
  };
}
