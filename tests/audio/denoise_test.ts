import { deepStrictEqual as deepEqual, ok, strictEqual as equal, throws } from "node:assert/strict";
import { createDenoiser, DENOISER_DELAY_MS } from "@/audio/denoise.ts";
import { FRAME_SAMPLES, SAMPLE_RATE } from "@/audio/frame.ts";
import { createFramer } from "@/audio/frames.ts";
import { decodeWav } from "@/audio/wav.ts";
import { join, levelOf } from "./tone.ts";

const DELAY = Math.round(DENOISER_DELAY_MS / 1_000 * SAMPLE_RATE);

Deno.test("denoising gives a frame for a frame", () => {
  using denoiser = createDenoiser();

  const lengths = Array.from(
    { length: 100 },
    () => denoiser.process(new Float32Array(FRAME_SAMPLES)).length,
  );

  deepEqual(new Set(lengths), new Set([FRAME_SAMPLES]));
});

Deno.test("denoised audio is late by the documented delay", () => {
  const voice = hum(3);

  const denoised = denoise(voice);

  const best = bestShift(voice, denoised);
  ok(Math.abs(best - DELAY) <= 2, `${best} samples, not ${DELAY}`);
});

Deno.test("a voice comes through at its level, steady noise does not", () => {
  const voice = hum(3);
  const noise = hiss(3);
  const settled = SAMPLE_RATE;

  const voiceLevel = levelOf(denoise(voice).subarray(settled + DELAY));
  const noiseLevel = levelOf(denoise(noise).subarray(settled + DELAY));

  ok(Math.abs(voiceLevel - levelOf(voice.subarray(settled))) < 1, `${voiceLevel} dB`);
  ok(noiseLevel < levelOf(noise.subarray(settled)) - 15, `${noiseLevel} dB`);
});

Deno.test("denoising one stream does not touch another", () => {
  const frames = createFramer().push(hum(1));
  const alone = denoise(hum(1));
  using one = createDenoiser();
  using other = createDenoiser();
  const noise = hiss(1);

  const pieces = frames.map((frame, i) => {
    other.process(noise.slice(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES));
    return one.process(frame);
  });

  deepEqual(join(pieces), alone);
});

Deno.test("a denoiser leaves the frame it was given as it was", () => {
  using denoiser = createDenoiser();
  const frame = hum(1).slice(0, FRAME_SAMPLES);
  const before = frame.slice();

  const result = denoiser.process(frame);

  deepEqual(frame, before);
  ok(result.buffer !== frame.buffer);
});

Deno.test("a denoiser takes whole frames only, and none once it is disposed of", () => {
  const denoiser = createDenoiser();

  throws(() => denoiser.process(new Float32Array(100)), RangeError);
  denoiser[Symbol.dispose]();
  denoiser[Symbol.dispose]();

  throws(() => denoiser.process(new Float32Array(FRAME_SAMPLES)), TypeError);
});

Deno.test("thousands of denoisers in turn take no more memory than a few", () => {
  const { grow } = WebAssembly.Memory.prototype;
  let growths = 0;
  WebAssembly.Memory.prototype.grow = function (pages) {
    growths++;
    return grow.call(this, pages);
  };

  try {
    for (let i = 0; i < 3_000; i++) createDenoiser()[Symbol.dispose]();
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
  }

  equal(growths, 0);
});

const SPEECH_DIR = Deno.env.get("SPEECH_DIR") ??
  new URL("../../../shared/speech", import.meta.url).pathname;
const MIXES = [
  { noisy: "mix_fleurs1_sb2_10", clean: "fleurs1" },
  { noisy: "mix_quilter_sb2_5", clean: "quilter" },
  { noisy: "mix_harvard_office_5", clean: "harvard_1_1" },
];
const absent = !exists(`${SPEECH_DIR}/manifest.json`);

Deno.test({
  name: "the pauses of noisy recordings fall by 15 dB, their speech stays within 1 dB" +
    (absent ? ` (skipped: no recordings in ${SPEECH_DIR}, see SPEECH_DIR)` : ""),
  ignore: absent,
  fn: () => {
    const falls: number[] = [];

    for (const { noisy, clean } of MIXES) {
      const before = read(noisy);
      const speech = read(clean);
      const after = denoise(before).subarray(DELAY);
      const pauses = findPauses(speech).filter(({ end }) => end <= after.length);
      for (const { start, end } of pauses) {
        falls.push(levelOf(before.subarray(start, end)) - levelOf(after.subarray(start, end)));
      }

      const change = levelOf(after) - levelOf(speech.subarray(0, after.length));
      ok(Math.abs(change) <= 1, `${noisy}: ${change} dB`);
    }

    const mean = falls.reduce((sum, fall) => sum + fall, 0) / falls.length;
    ok(falls.length >= 4 && mean >= 15, `${falls}`);
  },
});

function denoise(samples: Float32Array): Float32Array<ArrayBuffer> {
  using denoiser = createDenoiser();
  return join(createFramer().push(samples).map((frame) => denoiser.process(frame)));
}

/** A voice without words: a buzz whose pitch and loudness vary. */
function hum(seconds: number): Float32Array<ArrayBuffer> {
  let phase = 0;
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, i) => {
    const time = i / SAMPLE_RATE;
    phase += 2 * Math.PI * (140 + 20 * Math.sin(6 * time)) / SAMPLE_RATE;
    let sample = 0;
    for (let harmonic = 1; harmonic < 25; harmonic++) {
      sample += Math.sin(harmonic * phase) / harmonic;
    }
    return 0.1 * sample * (0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * time));
  });
}

/** White noise, the same every time. */
function hiss(seconds: number): Float32Array<ArrayBuffer> {
  let state = 1;
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return 0.05 * state / 2 ** 31;
  });
}

/** By how many samples `late` is most like `early`. */
function bestShift(early: Float32Array, late: Float32Array): number {
  const start = SAMPLE_RATE;
  const length = SAMPLE_RATE / 2;
  let best = { shift: -1, likeness: -Infinity };
  for (let shift = 0; shift < 1_000; shift++) {
    let likeness = 0;
    for (let i = start; i < start + length; i++) likeness += late[i]! * early[i - shift]!;
    if (likeness > best.likeness) best = { shift, likeness };
  }
  return best.shift;
}

/**
 * Where a clean recording is 30 dB below its loudest 10 ms for 150 ms or longer, without the first and last
 * 50 ms, in which words fade.
 */
function findPauses(speech: Float32Array): { start: number; end: number }[] {
  const window = SAMPLE_RATE / 100;
  const levels = Array.from(
    { length: Math.floor(speech.length / window) },
    (_, i) => levelOf(speech.subarray(i * window, (i + 1) * window)),
  );
  const quiet = Math.max(...levels) - 30;

  const pauses: { start: number; end: number }[] = [];
  let begin = 0;
  levels.concat(Infinity).forEach((level, i) => {
    if (level < quiet) return;
    if (i - begin >= 15) pauses.push({ start: (begin + 5) * window, end: (i - 5) * window });
    begin = i + 1;
  });
  return pauses;
}

function read(name: string): Float32Array<ArrayBuffer> {
  return decodeWav(Deno.readFileSync(`${SPEECH_DIR}/${name}.wav`)).samples;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
