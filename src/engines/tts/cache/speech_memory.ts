import type { Speech } from "@/engines/tts/engine.ts";

/** Speech by key, bounded in bytes: what was not asked for the longest goes first. */
export interface SpeechMemory {
  /** What was put, in its pieces. */
  get(key: string): readonly Speech[] | undefined;
  /** Keeps speech, unless it is larger than all the room there is. */
  put(key: string, speech: readonly Speech[]): void;
}

/** Bytes that an entry takes beside its samples, roughly: key, objects and word timings. */
const ENTRY_BYTES = 1024;

/** An empty memory that never holds more than `maxBytes`. */
export function createSpeechMemory(maxBytes: number): SpeechMemory {
  const entries = new Map<string, readonly Speech[]>();
  let bytes = 0;

  function drop(key: string): void {
    const speech = entries.get(key);
    if (speech === undefined) return;
    entries.delete(key);
    bytes -= sizeOf(speech);
  }

  return {
    get(key) {
      const speech = entries.get(key);
      if (speech === undefined) return undefined;
      entries.delete(key);
      entries.set(key, speech);
      return speech;
    },
    put(key, speech) {
      drop(key);
      const own = speech.map((piece) => ({ ...piece, samples: compact(piece.samples) }));
      if (sizeOf(own) > maxBytes) return;
      entries.set(key, own);
      bytes += sizeOf(own);
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break;
        drop(oldest);
      }
    },
  };
}

function sizeOf(speech: readonly Speech[]): number {
  return speech.reduce((sum, { samples }) => sum + samples.byteLength, ENTRY_BYTES);
}

/** A view of a larger buffer would keep all of it. */
function compact(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return samples.byteLength === samples.buffer.byteLength ? samples : samples.slice();
}
