import { levelAt, toneOf } from "./scripted_synthesiser.ts";

/** Who may have spoken, and what. */
export interface HeardVoicesOptions {
  /** Hz. */
  readonly sampleRate: number;
  /** The letters to listen for. */
  readonly letters: string;
  /** How much higher each voice is than `tones`, by its name. No tone of one may be near a tone of another. */
  readonly voices: Readonly<Record<string, number>>;
}

/** A letter, and the voice in which it was said. */
export interface HeardLetter {
  readonly letter: string;
  /** `undefined`: in a voice of nobody, which is what a wrong sample rate sounds like. */
  readonly voice: string | undefined;
}

/** Long enough to tell tones 40 Hz apart, and shorter than a letter, behind which a tone begins anew. */
const WINDOW_MS = 15;

/** From one window to the next. */
const STEP_MS = 10;

/** A tone's level is 0.5, and less in a window in which another begins. */
const CLEAR = 0.4;

/** What is this loud is sound, whatever tone. */
const LOUD = 0.3;

/** Longer than any letter takes: sound without a clear tone for so long is in a voice of nobody. */
const STRANGE_MS = 80;

/**
 * Hears who says which letter: the speech of the fakes is a tone for each. Repeats are told once, and windows in
 * which one tone ends or the next begins not at all.
 */
export function heardVoices(
  samples: Float32Array,
  { sampleRate, letters, voices }: HeardVoicesOptions,
): HeardLetter[] {
  const tones = Object.entries(voices).flatMap(([voice, pitch]) =>
    [...letters].map((letter) => ({ letter, voice, hz: toneOf(letter)! * pitch }))
  );
  const heard: HeardLetter[] = [];
  const length = Math.round(WINDOW_MS / 1000 * sampleRate);
  const step = Math.round(STEP_MS / 1000 * sampleRate);
  let strangeMs = 0;
  for (let start = 0; start + length <= samples.length; start += step) {
    const window = samples.subarray(start, start + length);
    const clear = tones.find(({ hz }) => levelAt(window, hz, sampleRate) > CLEAR);
    strangeMs = clear === undefined && isLoud(window) ? strangeMs + STEP_MS : 0;
    if (clear === undefined && strangeMs < STRANGE_MS) continue;
    const { letter, voice } = clear ?? { letter: "?", voice: undefined };
    const last = heard.at(-1);
    if (last?.letter !== letter || last.voice !== voice) heard.push({ letter, voice });
  }
  return heard;
}

/** Whether a window is full of sound: the mean of a sine's square is half that of its peak's. */
function isLoud(window: Float32Array): boolean {
  const power = window.reduce((sum, sample) => sum + sample ** 2, 0) / window.length;
  return Math.sqrt(2 * power) > LOUD;
}
