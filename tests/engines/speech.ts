import { FRAME_SAMPLES, type MarkedFrame } from "@/audio/frame.ts";
import { createFlite } from "@/engines/tts/flite.ts";

/** Folder of the model files. */
export const MODELS_DIR = new URL("../../models", import.meta.url).pathname;

/** Speech of each text at 16 kHz, by an embedded voice. */
export async function speak(...texts: string[]): Promise<Float32Array<ArrayBuffer>[]> {
  await using flite = await createFlite({
    modelsDir: MODELS_DIR,
    inferenceWorkers: 1,
    language: "en",
  });
  const { signal } = new AbortController();
  return await Promise.all(texts.map(async (text) => {
    const pieces = await Array.fromAsync(flite.synthesize(text, { signal, voice: "slt" }));
    return Float32Array.from(pieces.flatMap(({ samples }) => [...samples]));
  }));
}

/** Cuts samples into whole frames; what is left over is dropped. */
export function framesOf(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>[] {
  return Array.from(
    { length: Math.floor(samples.length / FRAME_SAMPLES) },
    (_, i) => samples.slice(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES),
  );
}

/** Frames of which each is marked alike. */
export function marked(
  samples: Float32Array<ArrayBuffer>,
  mark: MarkedFrame["mark"] = "speech",
): MarkedFrame[] {
  const probability = mark === "pause" ? 0 : 1;
  return framesOf(samples).map((frame) => ({ samples: frame, mark, probability }));
}

/** Lower case, without punctuation. */
export function words(text: string): string[] {
  return text.toLowerCase().replace(/[’']/g, "").match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Even noise, the same each time, −1 to 1 times `level`. */
export function noise(length: number, level: number): Float32Array<ArrayBuffer> {
  let seed = 1;
  return Float32Array.from({ length }, () => {
    seed = seed * 48271 % 2147483647;
    return level * (2 * seed / 2147483647 - 1);
  });
}
