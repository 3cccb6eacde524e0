import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { z } from "zod";
import { createDecoder, encodeSamples } from "@/audio/codec.ts";
import type { Speech } from "@/engines/tts/engine.ts";

const logger = getLogger(["chatai", "cache"]);

/**
 * Speech in files, one for each key, so that it outlives the process. Bounded in bytes: what was not read the
 * longest goes first. A file that cannot be read or written is logged and otherwise as if it were not there.
 */
export interface SpeechFolder extends AsyncDisposable {
  /** What was written, as one piece. */
  read(key: string): Promise<Speech | undefined>;
  /**
   * Begins to write, behind what is being written, unless it is larger than all the room there is. Disposing the
   * folder waits for it.
   */
  write(key: string, speech: readonly Speech[]): void;
}

/** Where the files are, and how much they may take. */
export interface SpeechFolderOptions {
  /** Is made if it is not there. Only this program's owner may look into it. */
  readonly dir: string;
  readonly maxBytes: number;
}

const EXTENSION = ".speech";
const PARTIAL = ".partial";

/** A file is one line of this as JSON, then the samples as 16-bit PCM. */
const Head = z.object({
  sampleRate: z.int().min(1),
  samples: z.int().min(1),
  words: z.array(z.object({ word: z.string(), startSample: z.number() })),
});

/**
 * Opens a folder of speech, and makes it keep to its bounds.
 *
 * @throws {Deno.errors.NotCapable} or another error of the file system, if the folder cannot be used.
 */
export async function openSpeechFolder(
  { dir, maxBytes }: SpeechFolderOptions,
): Promise<SpeechFolder> {
  await Deno.mkdir(dir, { recursive: true, mode: 0o700 });
  const sizes = await findFiles(dir);
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let writing: Promise<void> = evict();

  function pathOf(key: string): string {
    return join(dir, key + EXTENSION);
  }

  async function drop(key: string): Promise<void> {
    bytes -= sizes.get(key) ?? 0;
    sizes.delete(key);
    await Deno.remove(pathOf(key)).catch(() => {});
  }

  async function evict(): Promise<void> {
    for (const oldest of sizes.keys()) {
      if (bytes <= maxBytes) break;
      await drop(oldest);
    }
  }

  async function store(key: string, file: Uint8Array): Promise<void> {
    if (file.length > maxBytes) return;
    const partial = join(dir, `${key}.${crypto.randomUUID()}${PARTIAL}`);
    try {
      await Deno.writeFile(partial, file, { mode: 0o600 });
      await Deno.rename(partial, pathOf(key));
    } catch (error) {
      logger.warn("Cannot keep speech in {dir}: {error}", { dir, error });
      await Deno.remove(partial).catch(() => {});
      return;
    }
    bytes += file.length - (sizes.get(key) ?? 0);
    sizes.delete(key);
    sizes.set(key, file.length);
    await evict();
  }

  return {
    async read(key) {
      const size = sizes.get(key);
      if (size === undefined) return undefined;
      try {
        const speech = decode(await Deno.readFile(pathOf(key)));
        sizes.delete(key);
        sizes.set(key, size);
        return speech;
      } catch (error) {
        logger.warn("Cannot read speech in {dir}: {error}", { dir, error });
        await drop(key);
        return undefined;
      }
    },
    write(key, speech) {
      if (speech.length > 0) writing = writing.then(() => store(key, encode(speech)));
    },
    [Symbol.asyncDispose]: () => writing,
  };
}

/** The size of each file by key, the oldest first. Removes what a crash left half written. */
async function findFiles(dir: string): Promise<Map<string, number>> {
  const found: { readonly key: string; readonly size: number; readonly at: number }[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const path = join(dir, name);
    if (name.endsWith(PARTIAL)) await Deno.remove(path).catch(() => {});
    if (!name.endsWith(EXTENSION)) continue;
    const { size, mtime } = await Deno.stat(path);
    found.push({ key: name.slice(0, -EXTENSION.length), size, at: mtime?.getTime() ?? 0 });
  }
  return new Map(found.sort((a, b) => a.at - b.at).map(({ key, size }) => [key, size]));
}

function encode(speech: readonly Speech[]): Uint8Array {
  const samples = speech.reduce((sum, piece) => sum + piece.samples.length, 0);
  const head = new TextEncoder().encode(
    JSON.stringify({
      sampleRate: speech[0]?.sampleRate,
      samples,
      words: speech.flatMap(({ words = [] }) => words),
    }) + "\n",
  );
  const file = new Uint8Array(head.length + samples * 2);
  file.set(head);
  let at = head.length;
  for (const piece of speech) {
    const pcm = encodeSamples(piece.samples, "pcm16");
    file.set(pcm, at);
    at += pcm.length;
  }
  return file;
}

function decode(file: Uint8Array): Speech {
  const end = file.indexOf(0x0a);
  const head = Head.parse(JSON.parse(new TextDecoder().decode(file.subarray(0, end))));
  const samples = createDecoder("pcm16")(file.subarray(end + 1));
  if (samples.length !== head.samples) throw new TypeError("A file of speech is cut off");
  const { sampleRate, words } = head;
  return { samples, sampleRate, ...(words.length > 0 && { words }) };
}
