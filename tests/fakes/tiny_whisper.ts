import { join } from "node:path";
import { SAMPLE_RATE } from "@/audio/frame.ts";

/** What stands for Whisper's `generation_config.json`: its own numbers, and few languages. */
export const TINY_SETTINGS = {
  decoder_start_token_id: 50258,
  eos_token_id: 50257,
  no_timestamps_token_id: 50363,
  task_to_id: { transcribe: 50359, translate: 50358 },
  lang_to_id: { "<|en|>": 50259, "<|zh|>": 50260 },
  suppress_tokens: [1, 2, 50258, 50359, 50362],
  begin_suppress_tokens: [220, 50257],
};

/** Length of a word of {@linkcode tinySpeech}, in samples: ten frames. */
const WORD_SAMPLES = 0.32 * SAMPLE_RATE;

/** Bands of the mel spectrum that one tone makes loudest, by its frequency in Hz. */
const TONES: Readonly<Record<number, number>> = Object.fromEntries(
  [3, 8, 12, 16, 22, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 55, 58, 61, 64, 67, 70, 73].map(
    (band) => [band, centreHz(band)],
  ),
);

/**
 * Makes a folder of models with a Whisper of a few KB in it, which `tiny_whisper/make.py` tells of. Whoever asked for
 * it removes it.
 */
export async function makeTinyWhisper(): Promise<string> {
  const models = await Deno.makeTempDir();
  const folder = join(models, "whisper-base");
  await Deno.mkdir(folder);
  for (const name of ["encoder", "decoder"]) {
    const merged = name === "decoder" ? "_merged" : "";
    await Deno.copyFile(
      new URL(`./tiny_whisper/${name}.onnx`, import.meta.url),
      join(folder, `${name}_model${merged}_quantized.onnx`),
    );
  }
  await Deno.writeTextFile(join(folder, "tokenizer.json"), JSON.stringify(tinyTokenizer()));
  await Deno.writeTextFile(join(folder, "generation_config.json"), JSON.stringify(TINY_SETTINGS));
  return models;
}

/** Speech that the tiny Whisper understands: a tone for each word, which is named by its band. */
export function tinySpeech(...bands: number[]): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(bands.length * WORD_SAMPLES);
  for (const [i, band] of bands.entries()) {
    const step = 2 * Math.PI * TONES[band]! / SAMPLE_RATE;
    for (let n = 0; n < WORD_SAMPLES; n++) samples[i * WORD_SAMPLES + n] = 0.5 * Math.sin(step * n);
  }
  return samples;
}

/** What it makes of a band in English. */
export function englishWord(band: number): string {
  return `w${band}`;
}

/** What it makes of a band in Chinese. */
export function chineseWord(band: number): string {
  return String.fromCodePoint(0x4e00 + band);
}

function centreHz(band: number): number {
  const mel = 45.245640471924965 * (band + 1) / 81; // 8 kHz on Slaney's scale
  return mel < 15 ? mel * 200 / 3 : 1000 * Math.exp(Math.log(6.4) / 27 * (mel - 15));
}

function tinyTokenizer() {
  const bands = Array.from({ length: 80 }, (_, band) => band);
  const words = bands.flatMap((band) => [
    [byteLetters(` ${englishWord(band)}`), 1000 + band],
    [byteLetters(chineseWord(band)), 2000 + band],
  ]);
  const vocab = Object.fromEntries([
    ["!", 0],
    ['"', 1],
    ["#", 2],
    [byteLetters(" "), 220],
    ...words,
    [byteLetters(" broken"), 3000],
  ]);
  const special = { special: true, single_word: false, lstrip: false, rstrip: false };
  return {
    version: "1.0",
    added_tokens: [{ id: 50257, content: "<|endoftext|>", normalized: false, ...special }],
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true },
    model: { type: "BPE", vocab, merges: [] },
  };
}

/** A text as byte-level BPE writes it: a letter for each byte, its own where it has a visible one. */
function byteLetters(text: string): string {
  let next = 256;
  const letters = Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
    return String.fromCharCode(visible ? byte : next++);
  });
  return [...new TextEncoder().encode(text)].map((byte) => letters[byte]).join("");
}
